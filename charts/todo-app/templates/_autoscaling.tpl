{{/* Takes root and target (role, name, scale). */}}
{{- define "todo.hpa" -}}
{{- $target := .target -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $target.name }}
  labels: {{ include "todo.labels" (dict "root" .root "component" $target.role) | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ $target.name }}
  minReplicas: {{ $target.scale.minReplicas }}
  maxReplicas: {{ $target.scale.maxReplicas }}
  metrics:
    {{- range $resource, $percent := dict "cpu" $target.scale.cpuPercent "memory" $target.scale.memoryPercent }}
    - type: ContainerResource
      containerResource:
        name: {{ $resource }}
        container: {{ $target.role }}
        target:
          type: Utilization
          averageUtilization: {{ $percent }}
    {{- end }}
  {{- include "todo.scaleDown" . | nindent 2 }}
{{- end -}}

{{/* Down slowly: one quiet minute is no reason to lose what is warm. */}}
{{- define "todo.scaleDown" -}}
behavior:
  scaleDown:
    stabilizationWindowSeconds: 300
    policies:
      - type: Pods
        value: 1
        periodSeconds: 60
{{- end -}}

{{/* Takes root and target. */}}
{{- define "todo.scaledObject" -}}
{{- $target := .target -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ $target.name }}
  labels: {{ include "todo.labels" (dict "root" .root "component" $target.role) | nindent 4 }}
spec:
  scaleTargetRef:
    name: {{ $target.name }}
  minReplicaCount: {{ $target.scale.minReplicas }}
  maxReplicaCount: {{ $target.scale.maxReplicas }}
  advanced:
    horizontalPodAutoscalerConfig: {{ include "todo.scaleDown" . | nindent 6 }}
  triggers:
    {{- range $resource, $percent := dict "cpu" $target.scale.cpuPercent "memory" $target.scale.memoryPercent }}
    - type: {{ $resource }}
      metricType: Utilization
      metadata:
        value: {{ $percent | quote }}
        containerName: {{ $target.role }}
    {{- end }}
    {{- if eq $target.role "events" }}{{ include "todo.kafkaTriggers" .root | nindent 4 }}{{ end }}
    {{- if eq $target.role "worker" }}
    - type: prometheus
      metadata:
        serverAddress: {{ .root.Values.autoscaling.keda.prometheusUrl }}
        # Every relay shows the depth of all queues.
        query: sum(max by (queue) (todo_queue_depth_messages{namespace={{ .root.Release.Namespace | quote }}}))
        threshold: {{ .root.Values.autoscaling.keda.queueDepth | quote }}
    {{- end }}
{{- end -}}

{{/* A trigger for each topic: the lag of the consumer group that files/dapr/pubsub.yaml names. Takes root. */}}
{{- define "todo.kafkaTriggers" -}}
{{- $group := "" -}}
{{- range (fromYaml (.Files.Get "files/dapr/pubsub.yaml")).spec.metadata -}}
{{- if eq .name "consumerGroup" }}{{ $group = .value }}{{ end -}}
{{- end -}}
{{- range (fromJson (include "todo.subscriptionSpecs" .)).items }}
- type: kafka
  metadata:
    bootstrapServers: {{ include "todo.kafkaBrokers" $ | quote }}
    consumerGroup: {{ $group }}
    topic: {{ .topic }}
    lagThreshold: {{ $.Values.autoscaling.keda.kafkaLag | quote }}
    offsetResetPolicy: earliest
    {{- if include "todo.kedaKafkaSecrets" $ }}
  authenticationRef:
    name: {{ include "todo.fullname" $ }}-kafka
    {{- end }}
{{- end }}
{{- end -}}

{{/* What KEDA shows to Kafka: nothing where Kafka asks for nothing. Takes root. */}}
{{- define "todo.kedaKafkaSecrets" -}}
{{- $cluster := include "todo.kafkaCluster" . -}}
{{- $external := .Values.kafka.external -}}
{{- if eq .Values.kafka.provider "strimzi" }}
- {parameter: username, name: {{ $cluster }}-keda, key: username}
- {parameter: sasl, name: {{ $cluster }}-keda, key: sasl}
- {parameter: tls, name: {{ $cluster }}-keda, key: tls}
- {parameter: password, name: {{ include "todo.kafkaUser" . }}, key: password}
- {parameter: ca, name: {{ $cluster }}-cluster-ca-cert, key: ca.crt}
{{- else if eq .Values.kafka.provider "external" }}
{{- if $external.saslMechanism }}
- {parameter: username, name: {{ .Values.secret.name }}, key: {{ $external.usernameKey }}}
- {parameter: password, name: {{ .Values.secret.name }}, key: {{ $external.passwordKey }}}
- {parameter: sasl, name: {{ $cluster }}-keda, key: sasl}
{{- end }}
{{- if $external.tls }}
- {parameter: tls, name: {{ $cluster }}-keda, key: tls}
{{- with $external.caKey }}
- {parameter: ca, name: {{ $.Values.secret.name }}, key: {{ . }}}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What is no secret of that is in a ConfigMap. Takes root. */}}
{{- define "todo.kedaKafkaAuthentication" -}}
{{- with include "todo.kedaKafkaSecrets" . }}
{{- $public := list }}
{{- $secret := list }}
{{- range fromYamlArray . }}
{{- if hasSuffix "-keda" .name }}{{ $public = append $public . }}{{ else }}{{ $secret = append $secret . }}{{ end }}
{{- end }}
{{- $mechanism := ternary "SHA-512" $.Values.kafka.external.saslMechanism (eq $.Values.kafka.provider "strimzi") }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "todo.kafkaCluster" $ }}-keda
  labels: {{ include "todo.labels" (dict "root" $) | nindent 4 }}
data:
  username: {{ include "todo.kafkaUser" $ }}
  sasl: {{ get (dict "SHA-512" "scram_sha512" "SHA-256" "scram_sha256" "PLAIN" "plaintext") $mechanism | quote }}
  tls: enable
---
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata:
  name: {{ include "todo.fullname" $ }}-kafka
  labels: {{ include "todo.labels" (dict "root" $) | nindent 4 }}
spec:
  {{- with $public }}
  configMapTargetRef: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $secret }}
  secretTargetRef: {{ toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}
