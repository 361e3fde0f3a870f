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

{{/*
Fails where an option's time is more than the operator takes: a sum of units is nothing that a schema can bound.
*/}}
{{- define "oauthclient-operator.no-longer-than-a-year" -}}
{{- $seconds := 0 -}}
{{- range regexFindAll "[0-9]+[hms]" .value -1 -}}
{{- $seconds = add $seconds (mul (regexFind "[0-9]+" . | atoi) (get (dict "h" 3600 "m" 60 "s" 1) (regexFind "[hms]" .))) -}}
{{- end -}}
{{- if gt $seconds (mul 366 24 3600) -}}
{{- fail (printf "options.%s is %s, and the operator takes no time that is longer than 366 days: write a shorter one." .name .value) -}}
{{- end -}}
{{- end -}}

{{/*
Fails where a release of this chart alone says `enabled`: it would be installed all the same.
*/}}
{{- define "oauthclient-operator.enabled-by-another" -}}
{{- if and .Chart.IsRoot (hasKey .Values "enabled") -}}
{{- fail "enabled is for a chart that has this one as a part, and names it in its condition: a release of this chart alone is installed or not. Leave enabled out." -}}
{{- end -}}
{{- end -}}
