{{/* What things are called, and the labels by which they find each other. */}}

{{- define "todo.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* By these a workload finds its pods: never changed. Takes root and component. */}}
{{- define "todo.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* Takes root and component. */}}
{{- define "todo.labels" -}}
{{ include "todo.selector" . }}
app.kubernetes.io/part-of: todo
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 }}
{{- end -}}

{{/* Labels of pods. Nothing in them changes with the chart alone, and a colour keeps them when it becomes the live one. Takes root, component and tag. */}}
{{- define "todo.podLabels" -}}
{{ include "todo.selector" . }}
app.kubernetes.io/part-of: todo
app.kubernetes.io/version: {{ .tag | default .root.Values.image.tag | default .root.Chart.AppVersion | trunc 63 | quote }}
{{- end -}}

{{/* The roles with a sidecar. */}}
{{- define "todo.roles" -}}
["web", "events", "relay", "scheduler", "worker"]
{{- end -}}

{{/* Those of them whose number of pods may follow the load. */}}
{{- define "todo.scaledRoles" -}}
["web", "events", "worker"]
{{- end -}}

{{/* The colour that people do not reach. */}}
{{- define "todo.nextColour" -}}
{{- ternary "green" "blue" (eq .Values.web.rollout.live "blue") -}}
{{- end -}}

{{/* The Deployment of a colour: blue has the plain name, so that an installation without a second version looks plain. */}}
{{- define "todo.webDeployment" -}}
{{- include "todo.fullname" .root }}-web{{ if eq .colour "green" }}-green{{ end }}
{{- end -}}

{{/* Takes root and tag. */}}
{{- define "todo.image" -}}
{{- $image := .root.Values.image -}}
{{- if and $image.digest (not .tag) -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (.tag | default $image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "todo.host" -}}
{{- (urlParse .Values.baseUrl).hostname -}}
{{- end -}}

{{- define "todo.tlsSecret" -}}
{{- .Values.certificate.secretName | default (printf "%s-tls" (include "todo.fullname" .)) -}}
{{- end -}}

{{- define "todo.redisAddress" -}}
{{- if .Values.redis.builtin.enabled -}}
{{- printf "%s-redis:6379" (include "todo.fullname" .) -}}
{{- else -}}
{{- .Values.redis.address -}}
{{- end -}}
{{- end -}}

{{- define "todo.kafkaCluster" -}}
{{- include "todo.fullname" . -}}
{{- end -}}

{{/* The KafkaUser, and the Secret with its password that Strimzi makes. */}}
{{- define "todo.kafkaUser" -}}
{{- include "todo.fullname" . }}-client
{{- end -}}

{{- define "todo.kafkaBrokers" -}}
{{- if eq .Values.kafka.provider "strimzi" -}}
{{- printf "%s-kafka-bootstrap.%s.svc:9093" (include "todo.kafkaCluster" .) .Release.Namespace -}}
{{- else if eq .Values.kafka.provider "redpanda" -}}
{{- printf "%s-redpanda:9092" (include "todo.fullname" .) -}}
{{- else -}}
{{- .Values.kafka.external.brokers -}}
{{- end -}}
{{- end -}}

{{/* The file of deploy/dapr that declares the subscriptions of the layout, and with them its topics. */}}
{{- define "todo.subscriptions" -}}
{{- $file := ternary "subscriptions-by-type.yaml" "subscriptions.yaml" (eq .Values.events.topicLayout "by-type") -}}
{{- .Files.Get (printf "files/dapr/%s" $file) -}}
{{- end -}}

{{/* The specs of the subscriptions, as JSON: {"items": […]}. */}}
{{- define "todo.subscriptionSpecs" -}}
{{- $specs := list -}}
{{- range splitList "\n---\n" (include "todo.subscriptions" .) -}}
{{- $specs = append $specs (fromYaml .).spec -}}
{{- end -}}
{{- dict "items" $specs | toJson -}}
{{- end -}}
