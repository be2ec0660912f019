#pragma once

#include <optional>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "cli/setup/aws_files.hpp"
#include "util/result.hpp"

namespace cli {

// What AWS's files say at the moment.
struct AwsFileTexts {
  AwsFilePaths paths;
  std::string config;
  std::string credentials;
};

struct AccessKey {
  std::string id;
  std::string secret;
};

// What `setup` was told, by flags or at the prompts.
struct SetupAnswers {
  std::string name;
  std::string description;
  bool from_environment = false;
  std::string profile;  // empty when from_environment
  std::string region;   // may be empty when from_environment
  std::optional<AccessKey> key;
};

// Takes the answers from flags and, on a terminal, asks for the rest in the order of the original
// plugin: context name, profile, region, credentials. What is wrong or missing has been said on
// stderr when it returns an exit code.
util::Result<SetupAnswers, ExitCode> gather_answers(Session& session,
                                                    const Options& options,
                                                    const AwsFileTexts& files);

// Something like "eu-west-1"; the partitions' spellings vary, so only the form is checked.
bool is_region_name(std::string_view text);

}  // namespace cli
