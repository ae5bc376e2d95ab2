# Managed by poc2prod; extend in a template of your own beside it.
{{- define "chart.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- /* What a selector matches: it may never change. Call with (list $ component). */}}
{{- define "chart.selector" -}}
app.kubernetes.io/name: {{ (index . 0).Chart.Name }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "chart.labels" -}}
{{ include "chart.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" (index . 0).Chart.Name (index . 0).Chart.Version | replace "+" "_" }}
{{- end }}

{{- /* A job, and all that belongs to it. Call with (list $ job). */}}
{{- define "chart.job.name" -}}
{{ include "chart.name" (index . 0) | trunc 30 | trimSuffix "-" }}-{{ index . 1 }}
{{- end }}

{{- /* What selects the pods of one job. Call with (list $ job). */}}
{{- define "chart.job.selector" -}}
{{ include "chart.selector" (list (index . 0) "job") }}
job: {{ index . 1 }}
{{- end }}

{{- /* An image: by digest where there is one. Call with (list $ image). */}}
{{- define "chart.image" -}}
{{- $image := index . 1 -}}
{{- if $image.digest }}{{ $image.repository }}@{{ $image.digest }}
{{- else }}{{ $image.repository }}:{{ $image.tag | default (index . 0).Chart.AppVersion }}{{ end }}
{{- end }}
