#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "util/environment.hpp"

namespace cli {

// Where AWS's own tools keep their settings: AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, else
// below ~/.aws.
struct AwsFilePaths {
  std::string config;
  std::string credentials;
};

AwsFilePaths aws_file_paths(const util::Environment& environment, std::string_view home);

// The two files differ in how a section names its profile: "[profile x]" and "[x]".
enum class AwsFileKind : bool { config, credentials };

// Names of the profiles in a file, in its order, each once. "[sso-session x]" and "[services x]"
// are no profiles.
std::vector<std::string> profile_names(std::string_view text, AwsFileKind kind);

// The value of `key` in a profile; nothing when either is absent.
std::optional<std::string> profile_value(std::string_view text,
                                         AwsFileKind kind,
                                         std::string_view profile,
                                         std::string_view key);

// `text` with the profile's `key` set: changed in its place, else appended to the profile's
// section, else in a new section at the end. Everything else stays byte for byte.
std::string with_profile_value(std::string_view text,
                               AwsFileKind kind,
                               std::string_view profile,
                               std::string_view key,
                               std::string_view value);

// Printable, no brackets, no surrounding blanks: a name that both files can hold.
bool is_profile_name(std::string_view name);

}  // namespace cli
