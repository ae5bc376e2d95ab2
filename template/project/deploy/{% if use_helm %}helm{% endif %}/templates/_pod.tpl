# Managed by poc2prod; extend in a template of your own beside it.
{{- /* What every pod has, service, job or test. Service links are off because the variables of a
Service named "ops" would be read as settings. */}}
{{- define "chart.pod" -}}
serviceAccountName: {{ include "chart.name" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.scheduling.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.scheduling.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.scheduling.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "chart.container" -}}
imagePullPolicy: {{ .Values.imagePullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  capabilities: {drop: [ALL]}
  privileged: false
  readOnlyRootFilesystem: true
{{- end }}

{{- /* Settings in the open, and secrets by reference. Call with (list $ own secrets), own: name → value,
secrets: name → key. */}}
{{- define "chart.environment" -}}
{{- $root := index . 0 -}}
{{- range $name, $value := include "chart.over" (list $root.Values.settings (index . 1)) | fromYaml }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- range $name, $key := index . 2 }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef: {name: {{ include "chart.secret" $root }}, key: {{ $key }}}
{{- end }}
{{- end }}

{{- /* One map over another, as YAML. Helm's own merge takes 0, false and "" for absent. */}}
{{- define "chart.over" -}}
{{- $merged := deepCopy (index . 0) -}}
{{- range $key, $value := index . 1 }}{{ $_ := set $merged $key $value }}{{ end -}}
{{- toYaml $merged -}}
{{- end }}

{{- define "chart.secret" -}}
{{- .Values.secrets.existing | default (printf "%s-secrets" (include "chart.name" .)) }}
{{- end }}

{{- /* The volumes of the registry and, for jobs, of the data. Call with (list $ claim). */}}
{{- define "chart.claim" -}}
{{- $root := index . 0 -}}
{{- (index $root.Values (index . 1)).claim.existing | default (printf "%s-%s" (include "chart.name" $root) (index . 1)) }}
{{- end }}

{{- define "chart.models.volume" -}}
- name: models
  {{- if eq .Values.models.source "claim" }}
  persistentVolumeClaim: {claimName: {{ include "chart.claim" (list . "models") }}}
  {{- else }}
  emptyDir: {sizeLimit: {{ .Values.models.objectStore.sizeLimit }}}
  {{- end }}
{{- end }}

{{- /* Brings the registry from an object store before anything else starts. */}}
{{- define "chart.models.fetch" -}}
{{- if eq .Values.models.source "objectStore" }}
{{- with .Values.models.objectStore }}
- name: fetch-models
  image: {{ .image }}
  args: {{- toYaml .args | nindent 4 }}
  {{- include "chart.container" $ | nindent 2 }}
  {{- with .secret }}
  envFrom:
    - secretRef: {name: {{ . }}}
  {{- end }}
  resources: {{- toYaml .resources | nindent 4 }}
  volumeMounts:
    - {name: models, mountPath: /models}
    - {name: tmp, mountPath: /tmp}
{{- end }}
{{- end }}
{{- end }}
