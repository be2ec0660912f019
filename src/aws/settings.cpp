#include "aws/settings.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include "util/process.hpp"
#include "util/strings.hpp"

namespace aws {
namespace {

using SettingsResult = util::Result<Settings, Error>;

Error config_error(std::string code, std::string message) {
  return {std::move(code), Error::Kind::configuration, 0, {}, std::move(message)};
}

// Service names here -> the identifier in AWS_ENDPOINT_URL_<ID> and, in lower case, in [services].
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kServiceIds{
    {{"acm", "ACM"},
     {"cloudformation", "CLOUDFORMATION"},
     {"ec2", "EC2"},
     {"ecs", "ECS"},
     {"elbv2", "ELASTIC_LOAD_BALANCING_V2"},
     {"iam", "IAM"},
     {"logs", "CLOUDWATCH_LOGS"},
     {"secretsmanager", "SECRETS_MANAGER"},
     {"servicediscovery", "SERVICEDISCOVERY"},
     {"ssm", "SSM"},
     {"sts", "STS"}}};

util::Result<std::vector<IniSection>, Error> read_sections(const std::string& path,
                                                           const util::ReadOnlyFileSystem& files) {
  const auto text = files.read(path);
  if (!text) {
    if (text.error().code == ENOENT || text.error().code == ENOTDIR) {
      return std::vector<IniSection>{};
    }
    return util::unexpected(
        config_error("ConfigFileUnreadable", "cannot read " + path + ": " + text.error().message));
  }
  auto sections = parse_ini(*text);
  if (!sections) {
    return util::unexpected(config_error(
        "ConfigFileInvalid",
        path + ":" + std::to_string(sections.error().line) + ": " + sections.error().message));
  }
  return std::move(*sections);
}

// `profile "my name"` -> {"profile", "my name"}; `default` -> {"default"}
std::vector<std::string> section_words(const std::string& name) {
  auto words = util::split_command(name);
  return words ? std::move(*words) : std::vector<std::string>{name};
}

void add_config_section(ConfigFiles& into, IniSection section) {
  const std::vector<std::string> words = section_words(section.name);
  const bool profile = words.size() == 2 && words[0] == "profile";
  if (profile || section.name == "default") {
    Profile& p = into.profiles[profile ? words[1] : "default"];
    p.name = profile ? words[1] : "default";
    p.config = std::move(section.values);
  } else if (words.size() == 2 && words[0] == "sso-session") {
    into.sso_sessions[words[1]] = std::move(section);
  } else if (words.size() == 2 && words[0] == "services") {
    into.services[words[1]] = std::move(section);
  }
}

std::optional<std::string> first_of(const util::Environment& environment,
                                    std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (auto value = environment.non_empty(name)) {
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::string> setting(const util::Environment& environment,
                                   std::string_view variable,
                                   const Profile* profile,
                                   std::string_view key) {
  auto value = environment.non_empty(variable);
  return value || profile == nullptr ? value : profile->find(key);
}

bool switch_on(const std::optional<std::string>& value) {
  return value && util::iequals(*value, "true");
}

void add_configured_services(Settings& settings, const Profile& profile) {
  const auto name = profile.find("services");
  const auto section = settings.files.services.find(name.value_or(""));
  if (section == settings.files.services.end()) {
    return;
  }
  for (const auto& [service, id] : kServiceIds) {
    const auto values = section->second.values.find(util::to_lower(id));
    if (values == section->second.values.end()) {
      continue;
    }
    const auto url = values->second.nested.find("endpoint_url");
    if (url != values->second.nested.end()) {
      settings.endpoints.service_urls.emplace(service, url->second);
    }
  }
}

// --endpoint-url, AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, [services], the profile's
// endpoint_url: in this order.
void set_endpoint_urls(Settings& settings,
                       const SettingsChoice& choice,
                       const util::Environment& environment) {
  const Profile* profile = settings.profile();
  settings.endpoints.url = choice.endpoint_url;
  if (!choice.endpoint_url.empty() || switch_on(setting(environment,
                                                        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                                                        profile,
                                                        "ignore_configured_endpoint_urls"))) {
    return;
  }
  for (const auto& [service, id] : kServiceIds) {
    if (auto url = environment.non_empty("AWS_ENDPOINT_URL_" + std::string(id))) {
      settings.endpoints.service_urls.emplace(service, *url);
    }
  }
  settings.endpoints.url = environment.non_empty("AWS_ENDPOINT_URL").value_or("");
  if (settings.endpoints.url.empty() && profile != nullptr) {
    add_configured_services(settings, *profile);
    settings.endpoints.url = profile->find("endpoint_url").value_or("");
  }
}

std::optional<Error> set_retries(Settings& settings, const util::Environment& environment) {
  const auto text = setting(environment, "AWS_MAX_ATTEMPTS", settings.profile(), "max_attempts");
  if (!text) {
    return std::nullopt;
  }
  const auto value = util::parse_int(*text);
  if (!value || *value < 1 || *value > 100) {
    return config_error("InvalidMaxAttempts",
                        "max_attempts is \"" + *text + "\"; it must be a number from 1 to 100");
  }
  settings.retry.max_attempts = static_cast<int>(*value);
  return std::nullopt;
}

std::optional<Error> set_profile(Settings& settings,
                                 const SettingsChoice& choice,
                                 const util::Environment& environment) {
  settings.profile_is_explicit = !choice.profile.empty();
  const auto named = first_of(environment, {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"});
  settings.profile_name = settings.profile_is_explicit ? choice.profile : named.value_or("default");
  if (settings.profile() != nullptr || (!settings.profile_is_explicit && !named)) {
    return std::nullopt;
  }
  std::vector<std::string> known;
  for (const auto& [name, profile] : settings.files.profiles) {
    known.push_back(name);
  }
  const auto near = util::nearest(settings.profile_name, known);
  return config_error("ProfileNotFound",
                      "the AWS profile \"" + settings.profile_name + "\" does not exist" +
                          (near            ? "; did you mean \"" + *near + "\"?"
                           : known.empty() ? "; no profile is configured"
                                           : "; there are: " + util::join(known, ", ")));
}

}  // namespace

std::optional<std::string> Profile::find(std::string_view key) const {
  for (const auto* values : {&credentials, &config}) {
    const auto at = values->find(key);
    if (at != values->end() && !at->second.text.empty()) {
      return at->second.text;
    }
  }
  return std::nullopt;
}

const Profile* ConfigFiles::find_profile(std::string_view name) const {
  const auto at = profiles.find(name);
  return at == profiles.end() ? nullptr : &at->second;
}

std::string expand_home(std::string path, const util::Environment& environment) {
  const auto home = environment.non_empty("HOME");
  const bool relative_to_home = path == "~" || path.starts_with("~/");
  return home && relative_to_home ? *home + path.substr(1) : path;
}

util::Result<ConfigFiles, Error> read_config_files(const util::Environment& environment,
                                                   const util::ReadOnlyFileSystem& files) {
  const auto path = [&](std::string_view variable, const char* fallback) {
    return expand_home(environment.non_empty(variable).value_or(fallback), environment);
  };
  auto config = read_sections(path("AWS_CONFIG_FILE", "~/.aws/config"), files);
  auto credentials =
      read_sections(path("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"), files);
  if (!config || !credentials) {
    return util::unexpected(config ? credentials.error() : config.error());
  }
  ConfigFiles out;
  for (IniSection& section : *config) {
    add_config_section(out, std::move(section));
  }
  for (IniSection& section : *credentials) {
    Profile& profile = out.profiles[section.name];
    profile.name = section.name;
    profile.credentials = std::move(section.values);
  }
  return out;
}

util::Result<Settings, Error> load_settings(const SettingsChoice& choice,
                                            const util::Environment& environment,
                                            const util::ReadOnlyFileSystem& files) {
  auto config = read_config_files(environment, files);
  if (!config) {
    return util::unexpected(std::move(config.error()));
  }
  Settings settings;
  settings.files = std::move(*config);
  if (auto error = set_profile(settings, choice, environment)) {
    return util::unexpected(std::move(*error));
  }
  const Profile* profile = settings.profile();
  const auto region = choice.region.empty()
                          ? first_of(environment, {"AWS_REGION", "AWS_DEFAULT_REGION"})
                          : choice.region;
  settings.region = region               ? *region
                    : profile != nullptr ? profile->find("region").value_or("")
                                         : "";
  settings.endpoints.fips =
      switch_on(setting(environment, "AWS_USE_FIPS_ENDPOINT", profile, "use_fips_endpoint"));
  settings.endpoints.dual_stack = switch_on(
      setting(environment, "AWS_USE_DUALSTACK_ENDPOINT", profile, "use_dualstack_endpoint"));
  settings.ca_bundle = expand_home(
      setting(environment, "AWS_CA_BUNDLE", profile, "ca_bundle").value_or(""), environment);
  settings.app_id =
      setting(environment, "AWS_SDK_UA_APP_ID", profile, "sdk_ua_app_id").value_or("");
  set_endpoint_urls(settings, choice, environment);
  if (auto error = set_retries(settings, environment)) {
    return util::unexpected(std::move(*error));
  }
  return settings;
}

std::optional<Error> check_region(const Settings& settings) {
  if (settings.region.empty()) {
    return config_error("NoRegion",
                        "no AWS region is given, neither by AWS_REGION nor in the profile \"" +
                            settings.profile_name + "\"");
  }
  if (!is_region_name(settings.region)) {
    return config_error("InvalidRegion",
                        "\"" + settings.region + "\" is not the name of an AWS region");
  }
  return std::nullopt;
}

}  // namespace aws
