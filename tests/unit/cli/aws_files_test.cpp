#include "cli/setup/aws_files.hpp"

#include <doctest/doctest.h>

namespace {

using cli::AwsFileKind;

constexpr std::string_view kConfig =
    "# mine\n"
    "[default]\n"
    "region = us-west-2\n"
    "\n"
    "[profile Work]\n"
    "region=eu-west-1\n"
    "s3 =\n"
    "  region = nested\n"
    "\n"
    "[sso-session corp]\n"
    "sso_region = us-east-1\n"
    "[profile \"two\"]\n";

}  // namespace

TEST_CASE("profiles are those of the file, as they are spelled") {
  CHECK(cli::profile_names(kConfig, AwsFileKind::config) ==
        std::vector<std::string>{"default", "Work", "two"});
  CHECK(cli::profile_names("[a]\n[ b ]\n[a]\n", AwsFileKind::credentials) ==
        std::vector<std::string>{"a", "b"});
}

TEST_CASE("values are looked up in their profile only") {
  const auto region = [](std::string_view profile) {
    return cli::profile_value(kConfig, AwsFileKind::config, profile, "region");
  };
  CHECK(region("default") == "us-west-2");
  CHECK(region("Work") == "eu-west-1");
  CHECK_FALSE(region("two").has_value());
  CHECK_FALSE(region("corp").has_value());
}

TEST_CASE("setting a value leaves the rest of the file alone") {
  const auto changed = [](std::string_view text, std::string_view profile) {
    return cli::with_profile_value(text, AwsFileKind::credentials, profile, "k", "v");
  };
  CHECK(changed("", "p") == "[p]\nk = v\n");
  CHECK(changed("[p]\nk=old\nx=1\n[q]\nk=2\n", "p") == "[p]\nk = v\nx=1\n[q]\nk=2\n");
  CHECK(changed("[p]\nx=1\n\n[q]", "p") == "[p]\nx=1\nk = v\n\n[q]\n");
  CHECK(changed("# c\n[q]\nk=2", "p") == "# c\n[q]\nk=2\n\n[p]\nk = v\n");
  CHECK(cli::with_profile_value("", AwsFileKind::config, "p", "region", "r") ==
        "[profile p]\nregion = r\n");
}

TEST_CASE("the files' places come from AWS's own variables") {
  const util::Environment environment(
      std::map<std::string, std::string, std::less<>>{{"AWS_CONFIG_FILE", "~/c"}});
  const cli::AwsFilePaths paths = cli::aws_file_paths(environment, "/home/u");
  CHECK(paths.config == "/home/u/c");
  CHECK(paths.credentials == "/home/u/.aws/credentials");
}
