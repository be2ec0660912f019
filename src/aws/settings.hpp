#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/endpoint.hpp"
#include "aws/error.hpp"
#include "aws/ini.hpp"
#include "aws/retry.hpp"
#include "util/environment.hpp"
#include "util/file_system.hpp"
#include "util/result.hpp"

namespace aws {

// What AWS's configuration files say. A profile may stand in both files.
struct Profile {
  std::string name;
  std::map<std::string, IniValue, std::less<>> credentials;  // of ~/.aws/credentials
  std::map<std::string, IniValue, std::less<>> config;       // of ~/.aws/config

  // The value of `key`; the credentials file wins. Nothing when absent or empty.
  [[nodiscard]] std::optional<std::string> find(std::string_view key) const;
};

struct ConfigFiles {
  std::map<std::string, Profile, std::less<>> profiles;
  std::map<std::string, IniSection, std::less<>> sso_sessions;
  std::map<std::string, IniSection, std::less<>> services;

  [[nodiscard]] const Profile* find_profile(std::string_view name) const;
};

// Reads $AWS_CONFIG_FILE and $AWS_SHARED_CREDENTIALS_FILE (~/.aws/…). Missing files are empty;
// unreadable and ill-formed ones are an error that names file and line.
util::Result<ConfigFiles, Error> read_config_files(const util::Environment& environment,
                                                   const util::ReadOnlyFileSystem& files);

// What the user said in so many words: flags, or the Docker context. Empty = nothing said.
struct SettingsChoice {
  std::string profile;
  std::string region;
  std::string endpoint_url;
};

// Everything that shapes a client, decided: choice over environment over profile.
struct Settings {
  ConfigFiles files;
  std::string profile_name = "default";
  bool profile_is_explicit =
      false;           // chosen in so many words: the environment's keys are not for it
  std::string region;  // empty: nowhere given
  EndpointOptions endpoints;
  RetryPolicy retry;
  std::string ca_bundle;  // a file; empty = the system's directory
  std::string app_id;     // for the User-Agent

  [[nodiscard]] const Profile* profile() const { return files.find_profile(profile_name); }
};

// Fails for a profile that does not exist, for files that cannot be read, and for values that make
// no sense.
util::Result<Settings, Error> load_settings(const SettingsChoice& choice,
                                            const util::Environment& environment,
                                            const util::ReadOnlyFileSystem& files);

// "No region was given": for callers to use before the first call, so that the message comes early.
std::optional<Error> check_region(const Settings& settings);

// $HOME expanded in "~" and "~/…".
std::string expand_home(std::string path, const util::Environment& environment);

}  // namespace aws
