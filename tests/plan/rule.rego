# A rule as people write it for Terraform's JSON plan: it counts what is deleted, and no endpoint may be replaced.
package plan

deletes := [change.address |
	some change in input.resource_changes
	"delete" in change.change.actions
]

replaced_endpoints contains change.address if {
	some change in input.resource_changes
	endswith(lower(change.type), "endpoint")
	"delete" in change.change.actions
	"create" in change.change.actions
}

verdict := {
	"deletes": count(deletes),
	"deleted": sort(deletes),
	"replaced_endpoints": sort([address | some address in replaced_endpoints]),
	"allowed": count(replaced_endpoints) == 0,
}
