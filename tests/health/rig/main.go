// Reads a JSON document {"objects": [...], "lua": "..."} and prints what kstatus and an Argo CD health script say
// of each object: [{"kstatus": "...", "message": "...", "argocd": "...", "text": "..."}].
package main

import (
	"encoding/json"
	"fmt"
	"os"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type asked struct {
	Objects []json.RawMessage `json:"objects"`
	Lua     string            `json:"lua"`
}

type judged struct {
	Kstatus string `json:"kstatus"`
	Message string `json:"message"`
	ArgoCD  string `json:"argocd"`
	Text    string `json:"text"`
}

func main() {
	var input asked
	check(json.NewDecoder(os.Stdin).Decode(&input))
	found := []judged{}
	for _, raw := range input.Objects {
		object := &unstructured.Unstructured{}
		check(object.UnmarshalJSON(raw))
		result, err := status.Compute(object)
		check(err)
		health, text := argocd(input.Lua, object.Object)
		found = append(found, judged{string(result.Status), result.Message, health, text})
	}
	check(json.NewEncoder(os.Stdout).Encode(found))
}

// argocd runs a health script as Argo CD does (util/lua/lua.go): the global obj is the object, the script returns a
// table with status and message, and only some of Lua's libraries are there.
func argocd(script string, object map[string]any) (string, string) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for _, library := range []struct {
		name string
		open lua.LGFunction
	}{
		{lua.LoadLibName, lua.OpenPackage},
		{lua.BaseLibName, lua.OpenBase},
		{lua.TabLibName, lua.OpenTable},
	} {
		check(state.CallByParam(lua.P{Fn: state.NewFunction(library.open), Protect: true}, lua.LString(library.name)))
	}
	state.SetGlobal("obj", value(state, object))
	check(state.DoString(script))
	told, is := state.Get(-1).(*lua.LTable)
	if !is {
		check(fmt.Errorf("the script returned no table"))
	}
	return lua.LVAsString(told.RawGetString("status")), lua.LVAsString(told.RawGetString("message"))
}

func value(state *lua.LState, of any) lua.LValue {
	switch told := of.(type) {
	case bool:
		return lua.LBool(told)
	case int64:
		return lua.LNumber(told)
	case float64:
		return lua.LNumber(told)
	case string:
		return lua.LString(told)
	case []any:
		table := state.CreateTable(len(told), 0)
		for _, each := range told {
			table.Append(value(state, each))
		}
		return table
	case map[string]any:
		table := state.CreateTable(0, len(told))
		for name, each := range told {
			table.RawSetString(name, value(state, each))
		}
		return table
	}
	return lua.LNil
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
