{{/*
The strategic merge patch that the sidecar Job applies to the Backstage Deployment.

A merge adds and replaces, but never takes away. So that a feature that is switched off and on again leaves nothing
behind that matters, a container has the same keys whatever is switched on, and only their content differs.
*/}}
{{- define "rhdh-helm.sidecarsPatch" -}}
{{- $sidecars := .Values.sidecars -}}
{{- $postgres := .Values.lightspeed.postgres.enabled -}}
spec:
  template:
    metadata:
      annotations:
        # lightspeed-core reads its configuration once, when it starts.
        checksum/lightspeed-stack: {{ include "rhdh-helm.stackConfig" . | sha256sum }}
    spec:
      initContainers:
        - name: init-rag-data
          image: {{ $sidecars.ragContentImage | quote }}
          command:
            - /bin/sh
            - -c
            - cp -Rf /rag/vector_db/rhdh_product_docs /rag/embeddings_model /data/
          resources:
            requests:
              cpu: 50m
              memory: 150Mi
            limits:
              cpu: 100m
              memory: 500Mi
          securityContext:
            {{- include "rhdh-helm.containerSecurityContext" . | nindent 12 }}
            readOnlyRootFilesystem: true
          volumeMounts:
            - name: rag-data
              mountPath: /data
      containers:
        # A merge puts new containers before those it does not name.
        - name: backstage-backend
        - name: location
          image: {{ $sidecars.locationImage | quote }}
          workingDir: /opt/app-root/src
          ports:
            - name: location
              containerPort: 9090
              protocol: TCP
          env:
            {{- include "rhdh-helm.bridgeEnv" . | nindent 12 }}
          envFrom:
            {{- include "rhdh-helm.bridgeEnvFrom" . | nindent 12 }}
          # None of the sidecars has a readiness probe: one that fails later would take the whole hub out of
          # service. A startup probe holds back the rollout until they run.
          startupProbe:
            httpGet:
              path: /list
              port: location
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 24
          livenessProbe:
            httpGet:
              path: /list
              port: location
            periodSeconds: 20
            timeoutSeconds: 3
          resources:
            {{- include "rhdh-helm.bridgeResources" . | nindent 12 }}
          securityContext:
            {{- include "rhdh-helm.containerSecurityContext" . | nindent 12 }}
            readOnlyRootFilesystem: true
          volumeMounts:
            {{- include "rhdh-helm.bridgeVolumeMounts" . | nindent 12 }}
        - name: storage-rest
          image: {{ $sidecars.storageRestImage | quote }}
          workingDir: /opt/app-root/src
          command:
            {{- include "rhdh-helm.bridgeCommand" "storage-rest" | nindent 12 }}
          ports:
            - name: storage-rest
              containerPort: 7070
              protocol: TCP
          env:
            {{- include "rhdh-helm.bridgeEnv" . | nindent 12 }}
            - name: STORAGE_TYPE
              value: ConfigMap
            - name: PUSH_TO_RHDH
              value: "False"
          envFrom:
            {{- include "rhdh-helm.bridgeEnvFrom" . | nindent 12 }}
          startupProbe:
            exec:
              {{- include "rhdh-helm.bridgeProbe" 7070 | nindent 14 }}
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 24
          livenessProbe:
            exec:
              {{- include "rhdh-helm.bridgeProbe" 7070 | nindent 14 }}
            periodSeconds: 20
            timeoutSeconds: 3
          resources:
            {{- include "rhdh-helm.bridgeResources" . | nindent 12 }}
          securityContext:
            {{- include "rhdh-helm.containerSecurityContext" . | nindent 12 }}
            readOnlyRootFilesystem: true
          volumeMounts:
            {{- include "rhdh-helm.bridgeVolumeMounts" . | nindent 12 }}
        - name: rhoai-normalizer
          image: {{ $sidecars.rhoaiNormalizerImage | quote }}
          workingDir: /opt/app-root/src
          command:
            {{- include "rhdh-helm.bridgeCommand" "rhoai-normalizer" | nindent 12 }}
          # Without the first argument, the metrics would take the port of lightspeed-core.
          args:
            - -metrics-address=:8888
            - -pprof-address=
          ports:
            - name: metrics
              containerPort: 8888
              protocol: TCP
          env:
            {{- include "rhdh-helm.bridgeEnv" . | nindent 12 }}
            - name: POLLING_INTERVAL
              value: 60s
          envFrom:
            {{- include "rhdh-helm.bridgeEnvFrom" . | nindent 12 }}
          # It waits up to five minutes for the InferenceServices of KServe before it listens.
          startupProbe:
            exec:
              {{- include "rhdh-helm.bridgeProbe" 8888 | nindent 14 }}
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 36
          livenessProbe:
            exec:
              {{- include "rhdh-helm.bridgeProbe" 8888 | nindent 14 }}
            periodSeconds: 20
            timeoutSeconds: 3
          resources:
            {{- include "rhdh-helm.bridgeResources" . | nindent 12 }}
          securityContext:
            {{- include "rhdh-helm.containerSecurityContext" . | nindent 12 }}
            readOnlyRootFilesystem: true
          volumeMounts:
            {{- include "rhdh-helm.bridgeVolumeMounts" . | nindent 12 }}
        - name: lightspeed-core
          image: {{ $sidecars.lightspeedCoreImage | quote }}
          ports:
            - name: lightspeed-core
              containerPort: 8080
              protocol: TCP
          {{- if $postgres }}
          env:
            {{- include "rhdh-helm.postgresEnv" . | nindent 12 }}
          {{- end }}
          # It listens on 127.0.0.1, where only a command inside of the container reaches it. Not /readiness,
          # which fails with the LLM. At start it ends and starts again until llama-stack answers.
          startupProbe:
            exec:
              {{- include "rhdh-helm.stackProbe" . | nindent 14 }}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 60
          livenessProbe:
            exec:
              {{- include "rhdh-helm.stackProbe" . | nindent 14 }}
            periodSeconds: 20
            timeoutSeconds: 5
          resources:
            requests:
              cpu: 100m
              memory: 512Mi
            limits:
              cpu: "1"
              memory: 2Gi
          securityContext:
            {{- include "rhdh-helm.containerSecurityContext" . | nindent 12 }}
          volumeMounts:
            - name: lightspeed-stack
              mountPath: /app-root/lightspeed-stack.yaml
              subPath: lightspeed-stack.yaml
              readOnly: true
            - name: lightspeed-tmp
              mountPath: /tmp
            - name: lightspeed-feedback
              mountPath: /tmp/data/feedback
        - name: llama-stack
          image: {{ $sidecars.llamaStackImage | quote }}
          workingDir: /app-root
          # An empty VLLM_API_KEY means that the LLM asks for none, but llama-stack does not start with an empty
          # one. Only here is it known: a placeholder may turn out empty after helm.
          command:
            - /bin/bash
            - -c
            - export VLLM_API_KEY="${VLLM_API_KEY:-fake}"; exec ./entrypoint.sh
          ports:
            - name: llama-stack
              containerPort: 8321
              protocol: TCP
          envFrom:
            - secretRef:
                name: llama-stack-secrets
                optional: false
          # Loading the embedding model takes a while.
          startupProbe:
            httpGet:
              path: /v1/health
              port: llama-stack
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 60
          livenessProbe:
            httpGet:
              path: /v1/health
              port: llama-stack
            periodSeconds: 20
            timeoutSeconds: 5
          resources:
            requests:
              cpu: 250m
              memory: 1Gi
            limits:
              cpu: "1"
              memory: 4Gi
          securityContext:
            {{- include "rhdh-helm.containerSecurityContext" . | nindent 12 }}
          volumeMounts:
            - name: llama-stack-state
              mountPath: /app-root/.llama
            - name: rag-data
              mountPath: /app-root/embeddings_model
              subPath: embeddings_model
            - name: rag-data
              mountPath: /app-root/vector_db/rhdh_product_docs
              subPath: rhdh_product_docs
        - name: feedback-harvester
          image: {{ $sidecars.feedbackHarvesterImage | quote }}
          {{- if $postgres }}
          # Not left out: the empty list takes back the command of a patch without PostgreSQL.
          command: []
          {{- else }}
          # Without PostgreSQL there is nowhere to bring the feedback.
          command:
            - /bin/sh
            - -c
            - {{ include "rhdh-helm.idle" "lightspeed.postgres.enabled is false: the feedback stays in the pod" | quote }}
          {{- end }}
          env:
            - name: FEEDBACK_DIRECTORY
              value: /tmp/data/feedback
            - name: FETCH_FREQUENCY
              value: "60"
            {{- if $postgres }}
            {{- include "rhdh-helm.postgresEnv" . | nindent 12 }}
            {{- end }}
          resources:
            requests:
              cpu: 50m
              memory: 64Mi
            limits:
              cpu: 200m
              memory: 256Mi
          securityContext:
            {{- include "rhdh-helm.containerSecurityContext" . | nindent 12 }}
          volumeMounts:
            - name: lightspeed-feedback
              mountPath: /tmp/data/feedback
      volumes:
        - name: lightspeed-stack
          configMap:
            name: lightspeed-stack
        - name: lightspeed-tmp
          emptyDir: {}
        - name: lightspeed-feedback
          emptyDir: {}
        - name: llama-stack-state
          emptyDir: {}
        - name: rag-data
          emptyDir: {}
{{- end }}

{{/* A shell command that does nothing, and ends at once when the pod does. Call with the reason. */}}
{{- define "rhdh-helm.idle" -}}
echo '{{ . }}'; trap 'exit 0' TERM INT; while :; do sleep 3600 & wait "$!"; done
{{- end }}

{{/* storage-rest and rhoai-normalizer end without the token of the model catalog's account, and would keep the
pod from becoming ready; while the model catalog is off, they idle instead. Call with the program. */}}
{{- define "rhdh-helm.bridgeCommand" -}}
- /bin/bash
- -c
- |
  if [[ "$MODEL_CATALOG_ENABLED" == true ]]; then
    exec {{ . }} "$@"
  fi
  {{ include "rhdh-helm.idle" "modelCatalog.enabled is false: nothing to do" }}
- {{ . }}
{{- end }}

{{- define "rhdh-helm.bridgeProbe" -}}
command:
  - /bin/bash
  - -c
  - '[[ "$MODEL_CATALOG_ENABLED" != true ]] || exec 3<>/dev/tcp/127.0.0.1/{{ . }}'
{{- end }}

{{- define "rhdh-helm.bridgeEnv" -}}
- name: MODEL_CATALOG_ENABLED
  value: {{ .Values.modelCatalog.enabled | quote }}
- name: NORMALIZER_FORMAT
  value: JsonArrayFormat
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- end }}

{{/* The keys of a token Secret, `token` and `ca.crt`, are the very names that the programs read. */}}
{{- define "rhdh-helm.bridgeEnvFrom" -}}
- secretRef:
    name: rhdh-rhoai-bridge-token
    optional: {{ not .Values.modelCatalog.enabled }}
{{- end }}

{{- define "rhdh-helm.bridgeResources" -}}
requests:
  cpu: 50m
  memory: 64Mi
limits:
  cpu: 200m
  memory: 256Mi
{{- end }}

{{/* Writable: the programs write the certificate into this folder of the hub. */}}
{{- define "rhdh-helm.bridgeVolumeMounts" -}}
- name: dynamic-plugins-root
  mountPath: /opt/app-root/src/dynamic-plugins-root
{{- end }}

{{- define "rhdh-helm.stackProbe" -}}
command:
  - python3.12
  - -c
  - import urllib.request; urllib.request.urlopen("http://127.0.0.1:8080/liveness", timeout=4)
{{- end }}

{{/* The opposite: the patch, as JSON in one line, that takes away what the one above has added. */}}
{{- define "rhdh-helm.sidecarsRemoval" -}}
{{- $patch := include "rhdh-helm.sidecarsPatch" . | fromYaml -}}
{{- $pod := $patch.spec.template.spec -}}
{{- $removal := dict -}}
{{- range $list := list "initContainers" "containers" "volumes" -}}
{{- $items := list -}}
{{- range index $pod $list -}}
{{- if ne .name "backstage-backend" -}}
{{- $items = append $items (dict "name" .name "$patch" "delete") -}}
{{- end -}}
{{- end -}}
{{- $_ := set $removal $list $items -}}
{{- end -}}
{{- $annotations := dict -}}
{{- range $name, $value := $patch.spec.template.metadata.annotations -}}
{{- $_ := set $annotations $name nil -}}
{{- end -}}
{{- toJson (dict "spec" (dict "template" (dict "metadata" (dict "annotations" $annotations) "spec" $removal))) -}}
{{- end }}
