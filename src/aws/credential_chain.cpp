#include "aws/credential_chain.hpp"

#include <set>
#include <utility>

#include "awsapi/sts.hpp"
#include "util/strings.hpp"

namespace aws {
namespace {

CredentialsResult refused(std::string code, std::string message) {
  return util::unexpected(credentials_error(std::move(code), std::move(message)));
}

class CredentialChain final : public CredentialsProvider {
 public:
  CredentialChain(Settings settings, CredentialPorts ports)
      : settings_(std::move(settings)), ports_(std::move(ports)) {}

  CredentialsResult get() override {
    MaybeCredentials found;
    if (!settings_.profile_is_explicit) {
      found = from_environment(ports_.environment);
    }
    const Profile* profile = settings_.profile();
    if (!found && profile != nullptr) {
      std::set<std::string> trail;
      found = from_profile(*profile, trail);
    }
    if (!found && !settings_.profile_is_explicit) {
      found = from_web_identity_variables();
    }
    if (!found) {
      found = from_container(ports_);
    }
    if (!found) {
      found = from_instance_metadata(ports_);
    }
    return found
               ? std::move(*found)
               : refused(
                     "NoCredentials",
                     "no AWS credentials were found in the environment or in profile \"" +
                         settings_.profile_name +
                         "\"; run `aws configure`, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  }

 private:
  MaybeCredentials from_profile(const Profile& profile, std::set<std::string>& trail) {
    MaybeCredentials found = from_role(profile, trail);
    if (!found) {
      found = from_web_identity_profile(profile);
    }
    if (!found) {
      found = from_sso(profile, settings_.files, ports_);
    }
    if (!found) {
      found = from_static_keys(profile.credentials,
                               "profile \"" + profile.name + "\" of the credentials file");
    }
    if (!found) {
      found = from_process(profile, ports_);
    }
    if (!found) {
      found =
          from_static_keys(profile.config, "profile \"" + profile.name + "\" of the config file");
    }
    if (!found && profile.find("login_session")) {
      found =
          refused("LoginSessionUnsupported",
                  "profile \"" + profile.name +
                      "\" uses `aws login`, which is not supported; run: eval \"$(aws configure "
                      "export-credentials --profile " +
                      profile.name + " --format env)\"");
    }
    return found;
  }

  MaybeCredentials from_role(const Profile& profile, std::set<std::string>& trail) {
    const auto role = profile.find("role_arn");
    if (!role || profile.find("web_identity_token_file")) {
      return std::nullopt;
    }
    auto source = role_source(profile, trail);
    return source ? assume(profile, *role, std::move(*source)) : std::move(source);
  }

  CredentialsResult role_source(const Profile& profile, std::set<std::string>& trail) {
    const auto source_profile = profile.find("source_profile");
    const auto source = profile.find("credential_source");
    const std::string here = "profile \"" + profile.name + "\"";
    if (source_profile.has_value() == source.has_value()) {
      return refused(
          "InvalidRoleProfile",
          here + " has role_arn and must have one of source_profile and credential_source");
    }
    if (source) {
      auto found = util::iequals(*source, "Environment")    ? from_environment(ports_.environment)
                   : util::iequals(*source, "EcsContainer") ? from_container(ports_)
                   : util::iequals(*source, "Ec2InstanceMetadata") ? from_instance_metadata(ports_)
                                                                   : MaybeCredentials{};
      return found ? std::move(*found)
                   : refused("NoSourceCredentials",
                             here + ": credential_source " + *source + " has no credentials");
    }
    if (*source_profile == profile.name) {
      // A profile may be its own source when it has keys.
      auto keys = from_static_keys(profile.credentials, here);
      keys = keys ? std::move(keys) : from_static_keys(profile.config, here);
      return keys ? std::move(*keys)
                  : refused("InvalidRoleProfile",
                            here + " is its own source_profile and has no keys");
    }
    trail.insert(profile.name);
    const Profile* next = settings_.files.find_profile(*source_profile);
    if (next == nullptr) {
      return refused(
          "ProfileNotFound",
          here + " has the source_profile \"" + *source_profile + "\", which does not exist");
    }
    if (trail.contains(next->name)) {
      return refused("InvalidRoleProfile",
                     "the source_profile of " + here + " leads back to \"" + next->name + "\"");
    }
    auto found = from_profile(*next, trail);
    return found ? std::move(*found)
                 : refused("NoSourceCredentials",
                           "profile \"" + next->name + "\" has no credentials");
  }

  CredentialsResult assume(const Profile& profile, const std::string& role, Credentials source) {
    awsapi::sts::AssumeRoleRequest request;
    request.role_arn = role;
    request.role_session_name = session_name(profile.find("role_session_name"));
    request.external_id = profile.find("external_id");
    if (const auto duration = profile.find("duration_seconds")) {
      request.duration_seconds = util::parse_int(*duration);
    }
    if (const auto serial = profile.find("mfa_serial")) {
      const auto code = ports_.ask_mfa_code ? ports_.ask_mfa_code(*serial) : std::nullopt;
      if (!code) {
        return refused(
            "MfaCodeNeeded",
            "profile \"" + profile.name + "\" needs a code of the MFA device " + *serial);
      }
      request.serial_number = serial;
      request.token_code = code;
    }
    const Client sts(
        sts_options(profile), std::make_unique<StaticCredentials>(std::move(source)), ports_.world);
    auto answer = sts.call(request);
    return answer ? session_credentials(answer->credentials, "role " + role)
                  : util::unexpected(std::move(answer.error()));
  }

  MaybeCredentials from_web_identity_variables() {
    const auto file = ports_.environment.non_empty("AWS_WEB_IDENTITY_TOKEN_FILE");
    const auto role = ports_.environment.non_empty("AWS_ROLE_ARN");
    if (!file || !role) {
      return std::nullopt;
    }
    return assume_with_token(
        *file, *role, ports_.environment.non_empty("AWS_ROLE_SESSION_NAME"), Profile{});
  }

  MaybeCredentials from_web_identity_profile(const Profile& profile) {
    const auto file = profile.find("web_identity_token_file");
    const auto role = profile.find("role_arn");
    if (!file || !role) {
      return std::nullopt;
    }
    return assume_with_token(
        expand_home(*file, ports_.environment), *role, profile.find("role_session_name"), profile);
  }

  CredentialsResult assume_with_token(const std::string& file,
                                      const std::string& role,
                                      const std::optional<std::string>& name,
                                      const Profile& profile) {
    const auto token = ports_.files.read(file);
    if (!token) {
      return refused("WebIdentityTokenUnreadable",
                     "cannot read " + file + ": " + token.error().message);
    }
    awsapi::sts::AssumeRoleWithWebIdentityRequest request;
    request.role_arn = role;
    request.role_session_name = session_name(name);
    request.web_identity_token = util::trim(*token);
    const Client sts(
        sts_options(profile), std::make_unique<StaticCredentials>(Credentials{}), ports_.world);
    auto answer = sts.call(request);
    return answer ? session_credentials(answer->credentials, "role " + role)
                  : util::unexpected(std::move(answer.error()));
  }

  template <class Answer>
  static CredentialsResult session_credentials(const Answer& answer, std::string source) {
    if (!answer) {
      return refused("CredentialsUnreadable", "STS answered without credentials");
    }
    return Credentials{answer->access_key_id,
                       Secret{answer->secret_access_key},
                       Secret{answer->session_token},
                       util::Clock::TimePoint{std::chrono::milliseconds{answer->expiration.millis}},
                       std::move(source)};
  }

  [[nodiscard]] std::string session_name(const std::optional<std::string>& given) const {
    const auto now = std::chrono::floor<std::chrono::seconds>(ports_.world.clock.now());
    return given.value_or("docker-ecs-" + std::to_string(now.time_since_epoch().count()));
  }

  [[nodiscard]] ClientOptions sts_options(const Profile& profile) const {
    ClientOptions options;
    options.region =
        profile.find("region").value_or(settings_.region.empty() ? "us-east-1" : settings_.region);
    options.endpoints = settings_.endpoints;
    options.retry = settings_.retry;
    return options;
  }

  Settings settings_;
  CredentialPorts ports_;
};

}  // namespace

std::unique_ptr<CredentialsProvider> make_credentials(const Settings& settings,
                                                      CredentialPorts ports) {
  const util::Clock& clock = ports.world.clock;
  return std::make_unique<CachedCredentials>(
      std::make_unique<CredentialChain>(settings, std::move(ports)), clock);
}

std::unique_ptr<Client> make_client(const Settings& settings, CredentialPorts ports) {
  ClientOptions options;
  options.region = settings.region;
  options.endpoints = settings.endpoints;
  options.retry = settings.retry;
  if (!settings.app_id.empty()) {
    options.user_agent += " app/" + settings.app_id;
  }
  World world = ports.world;
  return std::make_unique<Client>(
      std::move(options), make_credentials(settings, std::move(ports)), std::move(world));
}

}  // namespace aws
