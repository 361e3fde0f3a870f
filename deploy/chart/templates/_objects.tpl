{{/*
The manifests themselves are below files/: copies of crds/ and deploy/, which kustomize builds from, too, and of
examples/monitoring. Here they are given the names of the release, and what the values say. Nothing is written twice.
*/}}

{{/*
What goes before all names, as kustomize's namePrefix: the release's name, but for a last `oauthclient-operator`.
*/}}
{{- define "oauthclient-operator.prefix" -}}
{{- if hasSuffix .Chart.Name .Release.Name -}}
{{ trimSuffix .Chart.Name .Release.Name }}
{{- else -}}
{{ .Release.Name }}-
{{- end -}}
{{- end -}}

{{/*
The objects of the `file`, as a list in YAML: with the labels of the `part` that they are of, or with other `labels`.
*/}}
{{- define "oauthclient-operator.objects" -}}
{{- $context := . -}}
{{- $objects := list -}}
{{- range regexSplit "(?m)^---$" (.root.Files.Get (print "files/" .file)) -1 -}}
{{- $object := fromYaml . -}}
{{- with $object -}}
{{- include "oauthclient-operator.named" (dict "root" $context.root "object" .) -}}
{{- $labels := $context.labels | default dict -}}
{{- with $context.part -}}
{{- $labels = dict "app.kubernetes.io/name" $context.root.Chart.Name "app.kubernetes.io/component" . -}}
{{- end -}}
{{- with merge $labels (.metadata.labels | default dict) -}}
{{- $_ := set $object.metadata "labels" . -}}
{{- end -}}
{{- $objects = append $objects . -}}
{{- end -}}
{{- end -}}
{{- toYaml $objects -}}
{{- end -}}

{{/*
Gives an object, and those it refers to, the release's names. It prints nothing: it changes the object.
*/}}
{{- define "oauthclient-operator.named" -}}
{{- $prefix := include "oauthclient-operator.prefix" .root -}}
{{- $system := .root.Release.Namespace -}}
{{- $records := .root.Values.recordsNamespace -}}
{{- $namespaces := dict "oauth-operator-system" $system "oauth-operator-records" $records -}}
{{- with .object -}}
{{- if eq .kind "Namespace" -}}
{{- $_ := set .metadata "name" (get $namespaces .metadata.name) -}}
{{- else if ne .metadata.name "oauth-registrar" -}}
{{- /* That account has one name everywhere: authorization servers know it by that. */ -}}
{{- $_ := set .metadata "name" (print $prefix .metadata.name) -}}
{{- end -}}
{{- if hasKey .metadata "namespace" -}}
{{- $_ := set .metadata "namespace" (get $namespaces .metadata.namespace) -}}
{{- end -}}
{{- with .roleRef -}}
{{- $_ := set . "name" (print $prefix .name) -}}
{{- end -}}
{{- range .subjects -}}
{{- $_ := set . "name" (print $prefix .name) -}}
{{- $_ := set . "namespace" (get $namespaces .namespace) -}}
{{- end -}}
{{- end -}}
{{- end -}}
