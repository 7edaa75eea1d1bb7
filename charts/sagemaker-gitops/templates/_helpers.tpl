{{- define "sagemaker-gitops.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "sagemaker-gitops.args" -}}
- operator
- --host=0.0.0.0
- --port=8080
- --grace=45s
{{- with .Values.operator.region }}
- {{ printf "--region=%s" . | quote }}
{{- end }}
{{- with .Values.operator.set }}
- {{ printf "--set=%s" . | quote }}
{{- end }}
{{- with .Values.operator.deletionPolicy }}
- {{ printf "--deletion-policy=%s" . | quote }}
{{- end }}
{{- with .Values.operator.workers }}
- {{ printf "--workers=%d" (int .) | quote }}
{{- end }}
{{- range .Values.operator.namespaces }}
- {{ printf "--namespace=%s" . | quote }}
{{- end }}
{{- if .Values.operator.tenants }}
- --tenants=/etc/sagemaker-gitops/tenants.yaml
{{- end }}
{{- range .Values.operator.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}
