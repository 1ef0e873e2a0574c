{{/* A small server with a disk of its own, and its Service. Takes root, name, port, portName, user, storage, storageClass, container (YAML). */}}
{{- define "todo.server" -}}
{{- $name := printf "%s-%s" (include "todo.fullname" .root) .name -}}
{{- $labels := dict "root" .root "component" .name -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels: {{ include "todo.labels" $labels | nindent 4 }}
spec:
  # Headless: clients learn the pod's own address, which is all that there is to choose from.
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {{ include "todo.selector" $labels | nindent 4 }}
  ports:
    - name: {{ .portName }}
      port: {{ .port }}
      targetPort: {{ .portName }}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $name }}
  labels: {{ include "todo.labels" $labels | nindent 4 }}
spec:
  replicas: 1
  serviceName: {{ $name }}
  selector:
    matchLabels: {{ include "todo.selector" $labels | nindent 6 }}
  template:
    metadata:
      labels: {{ include "todo.selector" $labels | nindent 8 }}
      annotations:
        dapr.io/enabled: "false"
        {{- with .root.Values.secret.version }}
        checksum/secret: {{ sha256sum . }}
        {{- end }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      securityContext: {{ include "todo.podSecurity" .user | nindent 8 }}
      {{- include "todo.placement" .root | nindent 6 }}
      containers:
        - name: {{ .name }}
          {{- .container | nindent 10 }}
          ports:
            - name: {{ .portName }}
              containerPort: {{ .port }}
      volumes:
        - name: tmp
          emptyDir: {}
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests:
            storage: {{ .storage }}
{{- end -}}
