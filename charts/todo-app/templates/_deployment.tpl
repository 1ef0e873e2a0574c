{{/* The Deployment of a role. Takes root, role, name, tag (empty: the live one), replicas (none where an autoscaler decides) and colour (web only). */}}
{{- define "todo.deployment" -}}
{{- $root := .root -}}
{{- $values := index $root.Values .role -}}
{{- $labels := dict "root" $root "component" .role -}}
{{- $selector := include "todo.selector" $labels -}}
{{- with .colour }}{{ $selector = printf "%s\ntodo/colour: %s" $selector . }}{{ end -}}
{{- $databaseKey := ternary $root.Values.database.directUrlKey "DATABASE_URL" (eq .role "relay") -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .name }}
  labels: {{ include "todo.labels" $labels | nindent 4 }}
spec:
  {{- with .replicas }}
  replicas: {{ . }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    type: RollingUpdate
    rollingUpdate:
      # The new pod first: nobody waits for one that is starting.
      maxUnavailable: 0
      maxSurge: 1
  selector:
    matchLabels: {{ $selector | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "todo.podLabels" (merge (dict "tag" .tag) $labels) | nindent 8 }}
        {{- with .colour }}
        todo/colour: {{ . }}
        {{- end }}
        {{- with $root.Values.pod.labels }}{{ toYaml . | nindent 8 }}{{ end }}
      annotations:
        {{- include "todo.daprAnnotations" (dict "root" $root "role" .role) | nindent 8 }}
        # What daprd reads once, at its start: pods start anew when it changes. Versions in labels are nothing to it.
        checksum/dapr: {{ regexReplaceAll "(helm.sh/chart|app.kubernetes.io/version): .*" (include "todo.daprResources" $root) "" | sha256sum }}
        {{- with $root.Values.secret.version }}
        checksum/secret: {{ sha256sum . }}
        {{- end }}
        {{- with $root.Values.pod.annotations }}{{ toYaml . | nindent 8 }}{{ end }}
    spec:
      serviceAccountName: {{ include "todo.fullname" $root }}
      automountServiceAccountToken: {{ $root.Values.secret.throughDapr }}
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ $root.Values.pod.terminationGracePeriodSeconds }}
      securityContext: {{ include "todo.podSecurity" 10001 | nindent 8 }}
      {{- include "todo.placement" $root | nindent 6 }}
      {{- include "todo.spread" (dict "root" $root "selector" $selector) | nindent 6 }}
      containers:
        - name: {{ .role }}
          image: {{ include "todo.image" (dict "root" $root "tag" .tag) }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: [{{ .role }}]
          ports:
            - name: http
              containerPort: 8000
            - name: metrics
              containerPort: 9100
          env: {{ include "todo.environment" (dict "root" $root "settings" $values.settings "databaseKey" $databaseKey "sidecar" true) | nindent 12 }}
          resources: {{ toYaml $values.resources | nindent 12 }}
          securityContext: {{ include "todo.containerSecurity" true | nindent 12 }}
          {{- with $values.preStopSeconds }}
          lifecycle:
            preStop:
              sleep:
                seconds: {{ . }}
          {{- end }}
          startupProbe:
            httpGet: {path: /health/live, port: http}
            periodSeconds: 2
            timeoutSeconds: 5
            failureThreshold: 60
          readinessProbe:
            # It waits one second for Redis and one for daprd.
            httpGet: {path: /health/ready, port: http}
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 2
          livenessProbe:
            httpGet: {path: /health/live, port: http}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          volumeMounts:
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: tmp
          emptyDir: {}
{{- end -}}
