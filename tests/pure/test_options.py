"""The options: every flag and its variable, and a clear word for each mistake."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from oauthclient_operator.command_line import main
from oauthclient_operator.options import Address, Options


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.pem"
    path.touch()
    return path


def test_without_flags_and_variables_it_is_as_documented() -> None:
    assert Options.parse([], {}) == Options(
        kubeconfig=None,
        namespaces=(),
        records_namespace="oauth-operator-records",
        private_issuers=(),
        http_issuers=(),
        endpoint_origins=(),
        ca_bundle=None,
        system_authorities=False,
        exchange_timeout=timedelta(seconds=20),
        release_after=timedelta(hours=1),
        lease_duration=timedelta(seconds=45),
        retry_slowly=timedelta(minutes=15),
        no_secret_watch=False,
        secret_check_interval=timedelta(minutes=10),
        secret_metadata_prefixes=(),
        issuer_concurrency=16,
        records_per_namespace=1000,
        kube_api_qps=500,
        kube_api_burst=1000,
        listen=Address(None, 8080),
        log_format="auto",
        log_level="info",
    )


VALUES = [
    ("--namespace", "shop", "namespaces", ("shop",)),
    ("--records-namespace", "records", "records_namespace", "records"),
    ("--lease-namespace", "leases", "lease_namespace", "leases"),
    ("--allow-private-issuer", "10.0.0.0/8", "private_issuers", ("10.0.0.0/8",)),
    ("--allow-http-issuer", "idp.test", "http_issuers", ("idp.test",)),
    ("--allow-endpoint-origin", "https://a=https://b", "endpoint_origins", ("https://a=https://b",)),
    ("--exchange-timeout", "10s", "exchange_timeout", timedelta(seconds=10)),
    ("--release-after", "1h30m", "release_after", timedelta(minutes=90)),
    ("--lease-duration", "1m", "lease_duration", timedelta(minutes=1)),
    ("--retry-slowly", "2m5s", "retry_slowly", timedelta(seconds=125)),
    ("--secret-check-interval", "1h", "secret_check_interval", timedelta(hours=1)),
    ("--secret-metadata-prefix", "example.com", "secret_metadata_prefixes", ("example.com",)),
    ("--secret-metadata-prefix", "/", "secret_metadata_prefixes", ("",)),
    ("--secret-metadata-prefix", "app.kubernetes.io/", "secret_metadata_prefixes", ("app.kubernetes.io",)),
    ("--issuer-concurrency", "4", "issuer_concurrency", 4),
    ("--records-per-namespace", "20000", "records_per_namespace", 20000),
    ("--kube-api-qps", "50", "kube_api_qps", 50),
    ("--kube-api-burst", "75", "kube_api_burst", 75),
    ("--listen", "127.0.0.1:9000", "listen", Address("127.0.0.1", 9000)),
    ("--log-format", "json", "log_format", "json"),
    ("--log-level", "debug", "log_level", "debug"),
]


@pytest.mark.parametrize(
    ("flag", "text", "field", "value"), VALUES, ids=[f"{flag} {text}" for flag, text, *_ in VALUES]
)
def test_a_flag_and_its_variable_say_the_same(flag: str, text: str, field: str, value: object) -> None:
    variable = "OAUTHCLIENT_OPERATOR_" + flag[2:].upper().replace("-", "_")
    assert getattr(Options.parse([flag, text], {}), field) == value
    assert getattr(Options.parse([f"{flag}={text}"], {}), field) == value
    assert getattr(Options.parse([], {variable: text}), field) == value


@pytest.mark.parametrize("flag", ["--no-secret-watch", "--system-authorities"])
def test_a_switch_is_a_flag_without_a_value_and_a_variable_that_says_true_or_false(flag: str) -> None:
    field = flag[2:].replace("-", "_")
    variable = f"OAUTHCLIENT_OPERATOR_{field.upper()}"
    assert getattr(Options.parse([flag], {}), field)
    assert getattr(Options.parse([flag], {variable: "false"}), field)
    assert getattr(Options.parse([], {variable: "true"}), field)
    assert not getattr(Options.parse([], {variable: "false"}), field)


@pytest.mark.parametrize(("flag", "field"), [("--kubeconfig", "kubeconfig"), ("--ca-bundle", "ca_bundle")])
def test_a_file_has_to_be_there(flag: str, field: str, file: Path) -> None:
    assert getattr(Options.parse([flag, str(file)], {}), field) == file
    with pytest.raises(SystemExit):
        Options.parse([flag, f"{file}.not"], {})


def test_a_repeatable_flag_is_separated_by_commas_in_its_variable() -> None:
    flags = Options.parse(["--namespace", "a", "--namespace", "b"], {})
    variable = Options.parse([], {"OAUTHCLIENT_OPERATOR_NAMESPACE": "a, b,"})
    assert flags.namespaces == variable.namespaces == ("a", "b")


def test_an_empty_variable_of_a_repeatable_flag_means_none() -> None:
    assert Options.parse([], {"OAUTHCLIENT_OPERATOR_ALLOW_PRIVATE_ISSUER": ""}).private_issuers == ()


def test_the_empty_prefix_of_labels_is_said_as_a_flag_and_in_a_variable_as_a_slash() -> None:
    variable = "OAUTHCLIENT_OPERATOR_SECRET_METADATA_PREFIX"
    assert Options.parse(["--secret-metadata-prefix="], {}).secret_metadata_prefixes == ("",)
    assert Options.parse([], {variable: "example.com,/"}).secret_metadata_prefixes == ("example.com", "")
    assert Options.parse([], {variable: ""}).secret_metadata_prefixes == ()


def test_a_flag_wins_over_its_variable_whole() -> None:
    options = Options.parse(["--namespace", "a"], {"OAUTHCLIENT_OPERATOR_NAMESPACE": "b,c"})
    assert options.namespaces == ("a",)


def test_the_last_of_a_flag_given_twice_counts() -> None:
    assert Options.parse(["--log-level", "debug", "--log-level", "error"], {}).log_level == "error"


def test_variables_that_kubernetes_makes_beside_a_service_are_not_ours() -> None:
    made = ("SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_METRICS", "PORT", "PORT_8080_TCP", "PORT_8080_TCP_ADDR")
    assert Options.parse([], {f"OAUTHCLIENT_OPERATOR_{name}": "tcp://10.0.0.1:80" for name in made}) == Options()


@pytest.mark.parametrize(
    ("argv", "environ", "message"),
    [
        (["--exchange-timeout", "20"], {}, "--exchange-timeout: '20' is no time such as 20s, 15m, 1h or 1h30m"),
        (["--exchange-timeout", "0s"], {}, "--exchange-timeout: '0s' is no time"),
        (["--exchange-timeout", "-5s"], {}, "--exchange-timeout"),
        (["--exchange-timeout", "5s10m"], {}, "'5s10m' is no time"),
        (["--exchange-timeout", "٣s"], {}, "is no time"),
        (["--release-after", ""], {}, "--release-after: '' is no time"),
        (["--retry-slowly", "999999h"], {}, "'999999h' is no time"),
        (["--issuer-concurrency", "0"], {}, "--issuer-concurrency: '0' is no number from 1 to 9999"),
        (["--kube-api-qps", "0"], {}, "--kube-api-qps: '0' is no number from 1 to 9999"),
        (["--records-per-namespace", "-1"], {}, "'-1' is no number from 1 to 999999"),
        (["--issuer-concurrency", "many"], {}, "'many' is no number"),
        (["--namespace", "Shop"], {}, "--namespace: 'Shop' is no name of a namespace"),
        (["--records-namespace", "a/b"], {}, "'a/b' is no name of a namespace"),
        (["--allow-private-issuer", ""], {}, "--allow-private-issuer: is empty or holds a space"),
        (["--secret-metadata-prefix", "kubernetes.io"], {}, "'kubernetes.io' is reserved"),
        (["--secret-metadata-prefix", "kubectl.kubernetes.io/"], {}, "'kubectl.kubernetes.io/' is reserved"),
        (["--secret-metadata-prefix", "sub.k8s.io"], {}, "'sub.k8s.io' is reserved"),
        (["--secret-metadata-prefix", "oauth-operator.dev"], {}, "'oauth-operator.dev' is reserved"),
        (["--secret-metadata-prefix", "client.oauth-operator.dev"], {}, "is reserved"),
        (["--secret-metadata-prefix", "example.com/team"], {}, "'example.com/team' is no prefix of"),
        (["--secret-metadata-prefix", "*"], {}, "'*' is no prefix of"),
        (["--no-secret-watch=true"], {}, "ignored explicit argument 'true'"),
        ([], {"OAUTHCLIENT_OPERATOR_NO_SECRET_WATCH": "1"}, "'1' is neither true nor false"),
        (["--log-level", "loud"], {}, "--log-level: 'loud' is none of debug, info, warning, error"),
        (["--log-format", "xml"], {}, "--log-format: 'xml' is none of auto, json, text"),
        (["--log-lev", "info"], {}, "unrecognized arguments"),
        (["--listen", "8080"], {}, "--listen: '8080' is no address such as :8080, 127.0.0.1:8080 or [::1]:8080"),
        (["--listen", ":70000"], {}, "':70000' is no address"),
        (["shop"], {}, "unrecognized arguments: shop"),
        ([], {"OAUTHCLIENT_OPERATOR_LOG_LEVEL": "loud"}, "OAUTHCLIENT_OPERATOR_LOG_LEVEL: 'loud' is none of"),
        ([], {"OAUTHCLIENT_OPERATOR_NAMESPACE": "a,B"}, "OAUTHCLIENT_OPERATOR_NAMESPACE: 'B' is no name"),
        ([], {"OAUTHCLIENT_OPERATOR_NAMESPACES": "a"}, "OAUTHCLIENT_OPERATOR_NAMESPACES is none of the operator's"),
        (["--lease-duration", "35s"], {}, "--lease-duration must be longer than 35s"),
        (["--exchange-timeout", "30s"], {}, "longer than 45s: the exchange timeout (30s), a margin (5s) and a renewal"),
    ],
)
def test_a_mistake_is_named_and_ends_with_status_2(
    argv: list[str], environ: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        Options.parse(argv, environ)
    assert exit_.value.code == 2
    assert message in capsys.readouterr().err


def test_a_lease_longer_than_exchange_margin_and_renewal_is_enough() -> None:
    assert Options.parse(["--lease-duration", "36s"], {}).lease_duration == timedelta(seconds=36)


def test_help_names_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        Options.parse(["--help"], {})
    assert exit_.value.code == 0
    shown = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    assert {flag for flag, *_ in VALUES} | {"--kubeconfig", "--ca-bundle", "--system-authorities"} <= shown


REACH = {"--ca-bundle", "--system-authorities", "--exchange-timeout"} | {
    f"--allow-{what}" for what in ("private-issuer", "http-issuer", "endpoint-origin")
}
OWN = {"uninstall": {"--context", "--keep-clients", "--yes"}, "orphans": {"--context", "--deregister", "--output"}}


@pytest.mark.parametrize("command", OWN)
def test_an_option_has_one_name_in_every_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for arguments in (["run", "--help"], [command, "--help"]):
        with pytest.raises(SystemExit):
            main(arguments)
        shown.append(set(re.findall(r"(?<![\w-])--[a-z-]+", capsys.readouterr().out)) - {"--help"})
    of_run, of_command = shown
    assert of_command - of_run == OWN[command]
    assert of_command >= REACH
