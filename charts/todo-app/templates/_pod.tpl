{{/* The pods of the application: what is the same for all of them. */}}

{{/* A value as text. Numbers come as floating point, which would write a year of seconds as 3.1536e+07. */}}
{{- define "todo.text" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{/* Environment from values. Takes root, settings (of the role) and databaseKey and sidecar (whether there is one). */}}
{{- define "todo.environment" -}}
{{- $values := .root.Values -}}
{{- $own := dict
  "BASE_URL" $values.baseUrl
  "EVENT_TRANSPORT" "dapr"
  "EVENT_TOPIC_LAYOUT" $values.events.topicLayout
  "BEHIND_PROXY" (ternary "true" "false" (or $values.gateway.enabled $values.ingress.enabled))
  "ROLE_HOST" "0.0.0.0"
  "ROLE_PORT" "8000"
  "METRICS_PORT" "9100"
-}}
{{- $throughDapr := and $values.secret.throughDapr .sidecar -}}
{{- if $throughDapr -}}
{{- $_ := set $own "SECRET_STORE" "todo-secrets" -}}
{{- $_ := set $own "SECRET_NAME" $values.secret.name -}}
{{- end -}}
{{- $files := $values.attachments -}}
{{- if $files.bucket -}}
{{- $_ := set $own "ATTACHMENTS_BUCKET" $files.bucket -}}
{{- $_ := set $own "ATTACHMENTS_ENDPOINT" $files.endpoint -}}
{{- $_ := set $own "ATTACHMENTS_REGION" $files.region -}}
{{- else -}}
{{- $_ := set $own "ATTACHMENT_QUOTA_BYTES" "0" -}}
{{- end -}}
{{- /* Not merge: that takes 0 and false for nothing. */ -}}
{{- $all := dict "LOG_FORMAT" "json" -}}
{{- range list $values.settings .settings $own -}}
{{- range $name, $value := . }}{{ $_ := set $all $name $value }}{{ end -}}
{{- end -}}
{{- range $name, $value := $all }}
- name: {{ $name }}
  value: {{ include "todo.text" $value | quote }}
{{- end }}
{{- $fromSecret := list "DAPR_API_TOKEN" -}}
{{- if not $throughDapr -}}
{{- $fromSecret = list "SECRET_KEY" "REDIS_URL" "APP_API_TOKEN" "DAPR_API_TOKEN" }}
{{- if $files.bucket }}{{ $fromSecret = concat $fromSecret (list "ATTACHMENTS_ACCESS_KEY" "ATTACHMENTS_SECRET_KEY") }}{{ end }}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ $values.secret.name }}
      key: {{ .databaseKey }}
{{- range list "SECRET_KEY_FALLBACKS" "EMAIL_URL" }}
- name: {{ . }}
  valueFrom:
    secretKeyRef:
      name: {{ $values.secret.name }}
      key: {{ . }}
      optional: true
{{- end }}
{{- end }}
{{- range $fromSecret }}
- name: {{ . }}
  valueFrom:
    secretKeyRef:
      name: {{ $values.secret.name }}
      key: {{ . }}
{{- end }}
{{- end -}}

{{/* What the level "restricted" of Pod Security asks of a pod. Takes a user id. */}}
{{- define "todo.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* And of a container. Takes whether its root file system is read-only. */}}
{{- define "todo.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: {{ . }}
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Where pods of the application may run. Takes root. */}}
{{- define "todo.placement" -}}
{{- with .Values.pod.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.pod.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pod.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Spread over nodes, and over zones. Takes root and selector (YAML). */}}
{{- define "todo.spread" -}}
topologySpreadConstraints:
{{- $keys := list "kubernetes.io/hostname" }}
{{- if .root.Values.pod.spreadZones }}{{ $keys = append $keys "topology.kubernetes.io/zone" }}{{ end }}
{{- range $keys }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{ $.selector | nindent 8 }}
    # Pods of another version do not count: a rollout would end unevenly.
    matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end -}}

{{/* A Job's pod: one command of manage.py, without a sidecar. Takes root, component, command (list), resources, databaseKey. */}}
{{- define "todo.jobPod" -}}
metadata:
  labels: {{ include "todo.podLabels" (dict "root" .root "component" .component) | nindent 4 }}
  annotations:
    dapr.io/enabled: "false"
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext: {{ include "todo.podSecurity" 10001 | nindent 4 }}
  {{- include "todo.placement" .root | nindent 2 }}
  containers:
    - name: {{ .component }}
      image: {{ include "todo.image" (dict "root" .root "tag" "") }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args: {{ toJson .command }}
      env: {{ include "todo.environment" (dict "root" .root "settings" dict "databaseKey" .databaseKey "sidecar" false) | nindent 8 }}
      resources: {{ toYaml .resources | nindent 8 }}
      securityContext: {{ include "todo.containerSecurity" true | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
  volumes:
    - name: tmp
      emptyDir: {}
{{- end -}}
