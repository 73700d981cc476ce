"""What keys of secrets are called in public charts, and what only looks like it."""

from __future__ import annotations

import pytest

from chartgate.documents.secret_texts.secret_names import holds_secrets, is_secret_name

# Of the charts of bitnami, prometheus-community, argo, traefik and others: what holds a secret there.
SECRETS = """
password adminPassword rootPassword redis-password DB_PASSWORD smtpPass pass passwd passphrase privateKeyPassphrase
keystorePassword bindPassword sslKeyPassword AWS_SECRET_ACCESS_KEY secretAccessKey aws_secret_access_key accessKey
accesskey secretkey accessKeySecret apiKey api_key api-key appKey maxmindLicenseKey token accessToken bearerToken
api_token authToken secretToken runnerToken clientSecret client_secret cookieSecret webhookSecret sharedSecret
applicationSecret github.secret otpSecret encryptionKey fernetKey masterKey sessionSigningKey privateKey sshPrivateKey
sshKey vapidPrivateKey serviceAccountKey tls.key accountkey htpasswd credentials flaskServerSecretKey jwtSecretKey
scwSecretKey slack_api_url slackWebhookUrl TOKEN password2
""".split()  # noqa: SIM905 - a list to read
# Names of objects, of keys in them and of files, switches and settings.
OTHERS = """
existingSecret existingPasswordSecret secretName imagePullSecret pullSecret pullSecrets tlsSecret tlsSecretName caSecret
certificatesSecret passwordSecret tokenSecretRef secretKeyRef passwordKey adminPasswordKey existingSecretPasswordKey
extraEnvVarsSecret initdbScriptsSecret passwordsSecret keystorePasswordSecretKey serviceAccountSecretKey
encryptedKeySecretKey serviceAccountSecret configSecret registryAuthSecret npmrcSecret jksTruststoreSecret
grafanaIniSecret usernameSecretKey
usePasswordFiles usePassword allowEmptyRootPassword passwordFile bearerTokenFile tokenMountPath certKeyFilename keyFile
topologyKey userKey usernameKey publicKey hostKeyPub partitionKey key keyAlgorithm maxTokens
automountServiceAccountToken backup_environment_secret
enableToken initialClusterToken tokenTTL secretFieldSelector auth authMethod username host bypass compass
""".split()  # noqa: SIM905


@pytest.mark.parametrize("name", SECRETS)
def test_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", OTHERS)
def test_others(name: str) -> None:
    assert not is_secret_name(name)
    assert not holds_secrets(name)


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        *((name, True) for name in ("passwords", "tokens", "apiKeys", "api_keys", "secretEnv", "secretData")),
        *((name, False) for name in ("secrets", "secretKeys", "keys", "existingSecrets", "env", "", "max_tokens")),
    ],
)
def test_lists_and_maps_of_secrets(name: str, holds: bool) -> None:
    assert holds_secrets(name) == holds
