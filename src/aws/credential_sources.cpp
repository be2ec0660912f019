#include "aws/credential_sources.hpp"

#include <array>
#include <utility>

#include "awsapi/time_text.hpp"
#include "doc/json_reader.hpp"
#include "net/url.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"
#include "util/uri.hpp"

namespace aws {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kContainerTimeout{2'000};
constexpr milliseconds kMetadataTimeout{1'000};

CredentialsResult fail(std::string code, std::string message) {
  return util::unexpected(credentials_error(std::move(code), std::move(message)));
}

std::string text_of(const doc::Node& json, std::string_view name) {
  const doc::Node* value = json.find(name);
  return value != nullptr && value->as_string() != nullptr ? *value->as_string() : std::string{};
}

std::optional<util::Clock::TimePoint> instant(std::string_view text) {
  const auto millis = awsapi::parse_instant(text);
  return millis ? std::optional{util::Clock::TimePoint{milliseconds{*millis}}} : std::nullopt;
}

std::string value_of(const std::map<std::string, IniValue, std::less<>>& values,
                     std::string_view key) {
  const auto at = values.find(key);
  return at == values.end() ? std::string{} : at->second.text;
}

net::HttpRequest get(std::string url, milliseconds timeout) {
  net::HttpRequest request;
  request.method = "GET";
  request.url = std::move(url);
  request.timeout = timeout;
  return request;
}

// Up to `tries` attempts until something answers at all.
util::Result<net::HttpResponse, net::TransportError> send_patiently(const World& world,
                                                                    const net::HttpRequest& request,
                                                                    int tries) {
  auto response = world.transport.send(request);
  while (!response && --tries > 0 &&
         response.error().kind != net::TransportError::Kind::cancelled) {
    response = world.transport.send(request);
  }
  return response;
}

struct SsoSession {
  std::string start_url;
  std::string region;
  std::string cache_key;   // its SHA-1 names the token's file
  std::string login_flag;  // for "run aws sso login …"
};

util::Result<SsoSession, Error> sso_session_of(const Profile& profile, const ConfigFiles& files) {
  const auto name = profile.find("sso_session");
  if (!name) {
    const std::string start = profile.find("sso_start_url").value_or("");
    return SsoSession{
        start, profile.find("sso_region").value_or(""), start, "--profile " + profile.name};
  }
  const auto section = files.sso_sessions.find(*name);
  if (section == files.sso_sessions.end()) {
    return util::unexpected(credentials_error("SsoSessionNotFound",
                                              "profile \"" + profile.name +
                                                  "\" names the sso-session \"" + *name +
                                                  "\", which does not exist"));
  }
  return SsoSession{value_of(section->second.values, "sso_start_url"),
                    value_of(section->second.values, "sso_region"),
                    *name,
                    "--sso-session " + *name};
}

CredentialsResult read_role_credentials(const net::HttpResponse& response,
                                        const SsoSession& session,
                                        const Profile& profile) {
  if (response.status == 401 || response.status == 403) {
    return fail(
        "SsoLoginNeeded",
        "the IAM Identity Center session is over or has no access to this role; run: aws sso login " +
            session.login_flag);
  }
  const auto json = doc::read_json(response.body);
  const doc::Node* role = json ? json->find("roleCredentials") : nullptr;
  if (response.status != 200 || role == nullptr) {
    return fail("SsoUnreadable",
                "IAM Identity Center answered with HTTP " + std::to_string(response.status));
  }
  Credentials out{text_of(*role, "accessKeyId"),
                  Secret{text_of(*role, "secretAccessKey")},
                  Secret{text_of(*role, "sessionToken")},
                  {},
                  "IAM Identity Center, profile " + profile.name};
  if (const doc::Node* expires = role->find("expiration");
      expires != nullptr && expires->as_int() != nullptr) {
    out.expires = util::Clock::TimePoint{milliseconds{*expires->as_int()}};
  }
  if (out.access_key_id.empty() || out.secret_access_key.empty()) {
    return fail("SsoUnreadable", "IAM Identity Center answered without keys");
  }
  return out;
}

// Plain http may only go where nobody listens in: this machine and the two task metadata addresses.
bool is_allowed_container_url(const std::string& text) {
  const auto url = net::parse_url(text);
  if (!url) {
    return false;
  }
  const std::string& host = url->host;
  return url->scheme == "https" || host == "localhost" || host == "::1" ||
         host.starts_with("127.") || host == "169.254.170.2" || host == "169.254.170.23" ||
         host == "fd00:ec2::23";
}

std::string container_url(const util::Environment& environment) {
  if (const auto relative = environment.non_empty("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
    return "http://169.254.170.2" + *relative;
  }
  return environment.non_empty("AWS_CONTAINER_CREDENTIALS_FULL_URI").value_or("");
}

util::Result<std::string, Error> container_token(const CredentialPorts& ports) {
  std::string token = ports.environment.non_empty("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
  if (const auto path = ports.environment.non_empty("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    const auto text = ports.files.read(*path);
    if (!text) {
      return util::unexpected(credentials_error(
          "ContainerTokenUnreadable", "cannot read " + *path + ": " + text.error().message));
    }
    token = util::trim(*text);
  }
  if (token.find_first_of("\r\n") != std::string::npos) {
    return util::unexpected(credentials_error(
        "ContainerTokenInvalid", "the container authorization token has a line break"));
  }
  return token;
}

}  // namespace

Error credentials_error(std::string code, std::string message) {
  return {std::move(code), Error::Kind::credentials, 0, {}, std::move(message)};
}

CredentialsResult read_credentials_json(std::string_view text,
                                        std::string_view token_member,
                                        std::string source) {
  const auto json = doc::read_json(text);
  if (!json || json->as_mapping() == nullptr) {
    return fail("CredentialsUnreadable", source + " did not answer with a JSON object");
  }
  Credentials out{text_of(*json, "AccessKeyId"),
                  Secret{text_of(*json, "SecretAccessKey")},
                  Secret{text_of(*json, token_member)},
                  {},
                  source};
  if (out.access_key_id.empty() || out.secret_access_key.empty()) {
    return fail("CredentialsUnreadable",
                source + " answered without AccessKeyId and SecretAccessKey");
  }
  const std::string expiration = text_of(*json, "Expiration");
  out.expires = instant(expiration);
  if (!expiration.empty() && !out.expires) {
    return fail("CredentialsUnreadable",
                source + " gave the expiration \"" + expiration + "\", which is no date");
  }
  return out;
}

MaybeCredentials from_environment(const util::Environment& environment) {
  const auto id = environment.non_empty("AWS_ACCESS_KEY_ID");
  if (!id) {
    return std::nullopt;
  }
  const auto secret = environment.non_empty("AWS_SECRET_ACCESS_KEY");
  if (!secret) {
    return fail("PartialCredentials", "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
  }
  auto token = environment.non_empty("AWS_SECURITY_TOKEN");
  token = token ? token : environment.non_empty("AWS_SESSION_TOKEN");
  return Credentials{*id,
                     Secret{*secret},
                     Secret{token.value_or("")},
                     instant(environment.non_empty("AWS_CREDENTIAL_EXPIRATION").value_or("")),
                     "environment"};
}

MaybeCredentials from_static_keys(const std::map<std::string, IniValue, std::less<>>& values,
                                  const std::string& source) {
  const std::string id = value_of(values, "aws_access_key_id");
  const std::string secret = value_of(values, "aws_secret_access_key");
  if (id.empty() && secret.empty()) {
    return std::nullopt;
  }
  if (id.empty() || secret.empty()) {
    return fail("PartialCredentials",
                source + " has only one of aws_access_key_id and aws_secret_access_key");
  }
  return Credentials{id, Secret{secret}, Secret{value_of(values, "aws_session_token")}, {}, source};
}

MaybeCredentials from_process(const Profile& profile, const CredentialPorts& ports) {
  const auto command = profile.find("credential_process");
  if (!command) {
    return std::nullopt;
  }
  const std::string source = "the credential_process of profile \"" + profile.name + "\"";
  const auto argv = util::split_command(*command);
  if (!argv || argv->empty() || !ports.run) {
    return fail("CredentialProcessFailed",
                source + " cannot run: " + (argv ? "no command" : argv.error()));
  }
  const auto result = ports.run(*argv);
  if (!result) {
    return fail("CredentialProcessFailed", source + " failed: " + result.error());
  }
  if (result->exit_code != 0) {
    return fail("CredentialProcessFailed",
                source + " failed with exit code " + std::to_string(result->exit_code) + ": " +
                    std::string(util::trim(std::string_view(result->err).substr(0, 500))));
  }
  const auto json = doc::read_json(result->out);
  const doc::Node* version = json ? json->find("Version") : nullptr;
  if (version == nullptr || version->as_int() == nullptr || *version->as_int() != 1) {
    return fail("CredentialProcessFailed", source + " did not print credentials of version 1");
  }
  return read_credentials_json(result->out, "SessionToken", source);
}

MaybeCredentials from_sso(const Profile& profile,
                          const ConfigFiles& files,
                          const CredentialPorts& ports) {
  const auto account = profile.find("sso_account_id");
  const auto role = profile.find("sso_role_name");
  if (!account || !role) {
    return std::nullopt;
  }
  const auto session = sso_session_of(profile, files);
  if (!session) {
    return CredentialsResult{util::unexpected(session.error())};
  }
  const std::string login = "; run: aws sso login " + session->login_flag;
  const std::string path = expand_home(
      "~/.aws/sso/cache/" + util::sha1_hex(session->cache_key) + ".json", ports.environment);
  const auto text = ports.files.read(path);
  const auto cached =
      text ? doc::read_json(*text) : util::Result<doc::Node, doc::JsonError>{doc::Node{}};
  if (!text || !cached || cached->as_mapping() == nullptr) {
    return fail("SsoLoginNeeded",
                "profile \"" + profile.name + "\" is not signed in to IAM Identity Center" + login);
  }
  const auto expires = instant(text_of(*cached, "expiresAt"));
  if (!expires || *expires <= ports.world.clock.now()) {
    return fail(
        "SsoLoginNeeded",
        "the IAM Identity Center session of profile \"" + profile.name + "\" has expired" + login);
  }
  const std::string_view suffix =
      partition_of(session->region) == "aws-cn" ? ".amazonaws.com.cn" : ".amazonaws.com";
  net::HttpRequest request =
      get("https://portal.sso." + session->region + std::string(suffix) +
              "/federation/credentials?role_name=" + util::uri_encode(*role) +
              "&account_id=" + util::uri_encode(*account),
          milliseconds{10'000});
  request.headers.push_back({"x-amz-sso_bearer_token", text_of(*cached, "accessToken")});
  const auto response = send_patiently(ports.world, request, 3);
  if (!response) {
    return fail("SsoUnreachable",
                "could not reach IAM Identity Center: " + response.error().detail);
  }
  return read_role_credentials(*response, *session, profile);
}

MaybeCredentials from_container(const CredentialPorts& ports) {
  const std::string url = container_url(ports.environment);
  if (url.empty()) {
    return std::nullopt;
  }
  if (!is_allowed_container_url(url)) {
    return fail("ContainerUrlRefused",
                "credentials are not fetched from " + url + ": neither https nor this machine");
  }
  const auto token = container_token(ports);
  if (!token) {
    return CredentialsResult{util::unexpected(token.error())};
  }
  net::HttpRequest request = get(url, kContainerTimeout);
  request.headers.push_back({"Accept", "application/json"});
  if (!token->empty()) {
    request.headers.push_back({"Authorization", *token});
  }
  const auto response = send_patiently(ports.world, request, 3);
  if (!response) {
    return fail("ContainerCredentialsUnreachable",
                "could not reach " + url + ": " + response.error().detail);
  }
  if (response->status != 200) {
    return fail("ContainerCredentialsRefused",
                url + " answered with HTTP " + std::to_string(response->status));
  }
  return read_credentials_json(response->body, "Token", "container credentials");
}

MaybeCredentials from_instance_metadata(const CredentialPorts& ports) {
  const auto disabled = ports.environment.non_empty("AWS_EC2_METADATA_DISABLED");
  if (disabled && util::iequals(*disabled, "true")) {
    return std::nullopt;
  }
  const auto mode = ports.environment.non_empty("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
  const char* standard =
      mode && util::iequals(*mode, "ipv6") ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  std::string base =
      ports.environment.non_empty("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or(standard);
  while (base.ends_with('/')) {
    base.pop_back();
  }
  net::HttpRequest ask_token = get(base + "/latest/api/token", kMetadataTimeout);
  ask_token.method = "PUT";
  ask_token.headers.push_back({"x-amz-ec2-metadata-token-ttl-seconds", "21600"});
  const auto token = ports.world.transport.send(ask_token);
  // No answer is the usual case away from EC2; the first version without tokens is refused on
  // purpose.
  if (!token || token->status != 200) {
    return std::nullopt;
  }
  const std::string roles = base + "/latest/meta-data/iam/security-credentials/";
  net::HttpRequest request = get(roles, kMetadataTimeout);
  request.headers.push_back({"x-aws-ec2-metadata-token", token->body});
  const auto role = ports.world.transport.send(request);
  if (!role || role->status != 200 || util::trim(role->body).empty()) {
    return std::nullopt;
  }
  const std::string name(util::trim(std::string_view(role->body).substr(0, role->body.find('\n'))));
  request.url = roles + util::uri_encode(name);
  const auto response = ports.world.transport.send(request);
  if (!response || response->status != 200) {
    return fail("InstanceCredentialsUnreachable",
                "the instance metadata service did not give the credentials of its role");
  }
  return read_credentials_json(response->body, "Token", "instance role " + name);
}

}  // namespace aws
