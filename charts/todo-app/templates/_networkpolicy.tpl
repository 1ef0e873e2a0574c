{{/* The head of a NetworkPolicy. Takes root, name, and components: a list of those whose pods it is about (empty: all). */}}
{{- define "todo.policy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "todo.fullname" .root }}-{{ .name }}
  labels: {{ include "todo.labels" (dict "root" .root) | nindent 4 }}
spec:
  podSelector: {{ include "todo.components" . | nindent 4 }}
{{- end -}}

{{/* A selector of the release's pods by component. Takes root and components. */}}
{{- define "todo.components" -}}
matchLabels: {{ include "todo.selector" (dict "root" .root) | nindent 2 }}
{{- with .components }}
matchExpressions:
  - key: app.kubernetes.io/component
    operator: In
    values: {{ toJson . }}
{{- end }}
{{- end -}}

{{/* Egress to addresses outside of the cluster. Takes cidrs and ports. */}}
{{- define "todo.outside" -}}
- to:
    {{- range .cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  ports:
    {{- range .ports }}
    - port: {{ . }}
    {{- end }}
{{- end -}}
