{{- define "oauthclient-operator.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
The name of the ConfigMap with the authorities, or nothing.
*/}}
{{- define "oauthclient-operator.ca" -}}
{{- if .Values.caBundle.pem -}}
{{ include "oauthclient-operator.prefix" . }}oauthclient-operator-ca
{{- else -}}
{{ .Values.caBundle.configMap }}
{{- end -}}
{{- end -}}

{{/*
The operator's variables, as a list in YAML: those of the values that are no options first.
*/}}
{{- define "oauthclient-operator.environment" -}}
{{- $options := dict "records-namespace" .Values.recordsNamespace -}}
{{- if eq .Values.secretAccess "Namespaces" -}}
{{- $_ := set $options "namespace" .Values.namespaces -}}
{{- else if eq .Values.secretAccess "ByName" -}}
{{- $_ := set $options "no-secret-watch" true -}}
{{- end -}}
{{- if include "oauthclient-operator.ca" . -}}
{{- $_ := set $options "ca-bundle" "/etc/oauthclient-operator/ca/ca.crt" -}}
{{- end -}}
{{- $variables := list -}}
{{- range $option, $value := merge $options .Values.options -}}
{{- if kindIs "slice" $value -}}
{{- $value = join "," $value -}}
{{- else if kindIs "float64" $value -}}
{{- /* As a number of YAML comes; it would be written with an exponent. */ -}}
{{- $value = int64 $value -}}
{{- else if regexMatch "^[0-9]+[hms]" (toString $value) -}}
{{- include "oauthclient-operator.no-longer-than-a-year" (dict "name" $option "value" $value) -}}
{{- end -}}
{{- $name := $option | replace "-" "_" | upper | print "OAUTHCLIENT_OPERATOR_" -}}
{{- $variables = append $variables (dict "name" $name "value" (toString $value)) -}}
{{- end -}}
{{- toYaml $variables -}}
{{- end -}}
