{{/*
What an upgrade must not do, as far as the cluster can be asked: `helm template` and a client's dry run cannot.
*/}}

{{/*
Fails where the cluster has a newer definition: fields that the older one does not know would be lost.
*/}}
{{- define "oauthclient-operator.not-older" -}}
{{- $there := lookup .apiVersion .kind "" .metadata.name -}}
{{- if $there -}}
{{- $theirs := include "oauthclient-operator.edition" $there | int -}}
{{- $ours := include "oauthclient-operator.edition" . | int -}}
{{- if gt $theirs $ours -}}
{{- fail (printf "%s is there in edition %d, and this chart has edition %d: an older definition loses fields that are in use. To go back with the operator and not with the definitions, set crds.enabled=false." .metadata.name $theirs $ours) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "oauthclient-operator.edition" -}}
{{- $described := (first .spec.versions).schema.openAPIV3Schema.description -}}
{{- regexFind "edition [0-9]+" $described | trimPrefix "edition " | default "1" -}}
{{- end -}}

{{/*
Fails where a namespace is not the operator's alone, or the release has its records in another one than before: without
them no client can be changed or deregistered any more.
*/}}
{{- define "oauthclient-operator.own-namespaces" -}}
{{- $records := .Values.recordsNamespace -}}
{{- if eq .Release.Namespace "default" -}}
{{- fail "the operator's namespace must be its own, for who can create pods there has its account: install with --namespace oauth-operator-system" -}}
{{- end -}}
{{- if eq $records .Release.Namespace -}}
{{- fail "recordsNamespace must be another namespace than the release's: nothing but records may be there" -}}
{{- end -}}
{{- $there := lookup "apps/v1" "Deployment" .Release.Namespace (print (include "oauthclient-operator.prefix" .) "oauthclient-operator") -}}
{{- range ($there | dig "spec" "template" "spec" "containers" list) -}}
{{- range .env -}}
{{- if and (eq .name "OAUTHCLIENT_OPERATOR_RECORDS_NAMESPACE") (ne .value $records) -}}
{{- fail (printf "the records are in the namespace %s, and recordsNamespace is %s now: without its records the operator can neither change nor deregister a client. Leave recordsNamespace as it was." .value $records) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
