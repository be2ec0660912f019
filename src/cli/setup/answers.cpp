#include "cli/setup/answers.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/context/context_store.hpp"
#include "cli/present/prompt.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

using util::unexpected;
using Step = util::Result<void, ExitCode>;

constexpr std::string_view kNewProfile = "new profile";
constexpr std::string_view kEnvironment = "environment variables (AWS_ACCESS_KEY_ID, …)";

std::string check_context_name(std::string_view name) {
  return is_context_name(name)
             ? ""
             : "a context name has at least two characters: letters, digits and _.+-, beginning "
               "with a letter or digit, and is not \"default\"";
}

std::string check_region(std::string_view region) {
  return is_region_name(region) ? "" : "not the name of a region, such as ap-northeast-1";
}

std::string check_profile(std::string_view name) {
  return is_profile_name(name) ? "" : "a profile name has no blanks, brackets or quotes";
}

std::string check_key_id(std::string_view id) {
  const bool fine =
      id.size() >= 16 && id.size() <= 128 &&
      std::all_of(id.begin(), id.end(), [](char c) { return util::is_alnum(c) || c == '_'; });
  return fine ? "" : "an access key ID has 16 to 128 letters and digits, such as AKIA…";
}

std::string check_secret(std::string_view secret) {
  const bool fine = secret.size() >= 16 && std::all_of(secret.begin(), secret.end(), [](char c) {
                      return static_cast<unsigned char>(c) > 0x20 && c != '\x7f';
                    });
  return fine ? "" : "a secret access key has at least 16 characters and no blanks";
}

class Interview {
 public:
  Interview(Session& session, const Options& options, const AwsFileTexts& files)
      : session_(session),
        options_(options),
        files_(files),
        prompter_(session.in(), session.err(), session.stop()) {}

  util::Result<SetupAnswers, ExitCode> run() {
    answers_.description = options_.text("description");
    answers_.from_environment = options_.is_set("from-env");
    answers_.name = options_.text("name");
    answers_.profile = options_.text("profile");
    answers_.region = options_.text("region");
    const Step steps = check_flags()
                           .and_then([this] { return read_key_from_flags(); })
                           .and_then([this] { return check_profile_exists(); })
                           .and_then([this] { return fill_gaps(); })
                           .and_then([this] { return check_answers(); })
                           .and_then([this] { return check_profile_exists(); });
    if (!steps) {
      return unexpected(steps.error());
    }
    return std::move(answers_);
  }

 private:
  Step usage(std::string_view message, std::string_view help = {}) {
    return unexpected(session_.fail(message, help, ExitCode::usage));
  }

  Step check_flags() {
    const bool key_given =
        options_.given("access-key-id") || options_.given("secret-access-key-file") ||
        options_.is_set("secret-access-key-stdin") || options_.given("aws-secret-key");
    if (answers_.from_environment && !answers_.profile.empty()) {
      return usage("--from-env and --profile cannot be used together");
    }
    if (answers_.from_environment && key_given) {
      return usage("--from-env and an access key cannot be used together");
    }
    if (options_.is_set("secret-access-key-stdin") && options_.given("secret-access-key-file")) {
      return usage(
          "--secret-access-key-stdin and --secret-access-key-file cannot be used together");
    }
    return {};
  }

  Step read_key_from_flags() {
    std::optional<std::string> secret = options_.value("aws-secret-key");
    if (secret) {
      session_.warn(
          "a secret key on the command line is visible to other users of this machine; "
          "--secret-access-key-stdin is not");
    } else if (const auto path = options_.value("secret-access-key-file")) {
      auto text = session_.files().read(session_.absolute(*path));
      if (!text) {
        return unexpected(session_.fail(
            "cannot read " + *path + ": " + text.error().message, "", ExitCode::file_not_found));
      }
      secret = std::move(*text);
    } else if (options_.is_set("secret-access-key-stdin")) {
      secret = session_.in().read_all();
      if (!secret) {
        return unexpected(session_.fail("cannot read standard input"));
      }
    }
    const std::string id = options_.text("access-key-id");
    if (id.empty() && !secret) {
      return {};
    }
    if (id.empty()) {
      return usage("a secret access key needs --access-key-id");
    }
    if (!secret && !prompter_.can_ask()) {
      return usage("--access-key-id needs the secret access key",
                   "use --secret-access-key-stdin or --secret-access-key-file");
    }
    if (!secret && !(secret = prompter_.secret("Enter AWS Secret Access Key", check_secret))) {
      return unexpected(ExitCode::interrupted);
    }
    answers_.key = AccessKey{id, std::string(util::trim(*secret))};
    return {};
  }

  [[nodiscard]] bool region_can_wait() const { return answers_.from_environment; }

  Step fill_gaps() {
    if (answers_.region.empty()) {
      answers_.region = suggested_region();
    }
    const bool profile_missing = answers_.profile.empty() && !answers_.from_environment;
    const bool region_given = options_.given("region");
    if (!profile_missing && (region_given || !answers_.region.empty() || region_can_wait())) {
      answers_.name = answers_.name.empty() ? "ecs" : answers_.name;
      return {};
    }
    if (!prompter_.can_ask()) {
      std::vector<std::string> missing;
      if (profile_missing) {
        missing.emplace_back("--profile (or --from-env)");
      }
      if (answers_.region.empty()) {
        missing.emplace_back("--region");
      }
      return usage("no terminal to ask on, and missing: " + util::join(missing, ", "));
    }
    return ask_all(profile_missing);
  }

  Step ask_all(bool profile_missing) {
    if (answers_.name.empty()) {
      const auto name = prompter_.text("Enter context name", "ecs", check_context_name);
      if (!name) {
        return unexpected(ExitCode::interrupted);
      }
      answers_.name = *name;
    }
    if (profile_missing) {
      if (const Step asked = ask_profile(); !asked) {
        return asked;
      }
    }
    if (!options_.given("region")) {
      const auto region = prompter_.text("Enter region", suggested_region(), check_region);
      if (!region) {
        return unexpected(ExitCode::interrupted);
      }
      answers_.region = *region;
    }
    return answers_.from_environment || answers_.key ? Step() : ask_key();
  }

  Step ask_profile() {
    std::vector<std::string> names = known_profiles();
    names.emplace_back(kNewProfile);
    names.emplace_back(kEnvironment);
    const std::string current = session_.environment().find("AWS_PROFILE").value_or("default");
    const auto at = std::find(names.begin(), names.end(), current);
    const auto initial =
        at == names.end() ? 0 : static_cast<std::size_t>(std::distance(names.begin(), at));
    const auto chosen = prompter_.select("Select AWS Profile", names, initial);
    if (!chosen) {
      return unexpected(ExitCode::interrupted);
    }
    if (names[*chosen] == kEnvironment) {
      answers_.from_environment = true;
      return {};
    }
    answers_.profile = names[*chosen];
    if (answers_.profile == kNewProfile) {
      const auto name = prompter_.text("Enter profile name", {}, check_profile);
      if (!name) {
        return unexpected(ExitCode::interrupted);
      }
      answers_.profile = *name;
    }
    return {};
  }

  Step ask_key() {
    const auto wanted = prompter_.confirm("Enter credentials?", false);
    if (!wanted) {
      return unexpected(ExitCode::interrupted);
    }
    if (!*wanted) {
      return {};
    }
    const auto id = prompter_.text("Enter AWS Access Key ID", {}, check_key_id);
    const auto secret =
        id ? prompter_.secret("Enter AWS Secret Access Key", check_secret) : std::nullopt;
    if (!secret) {
      return unexpected(ExitCode::interrupted);
    }
    answers_.key = AccessKey{*id, *secret};
    return {};
  }

  [[nodiscard]] std::vector<std::string> known_profiles() const {
    std::vector<std::string> names = profile_names(files_.config, AwsFileKind::config);
    for (std::string& name : profile_names(files_.credentials, AwsFileKind::credentials)) {
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(std::move(name));
      }
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  [[nodiscard]] std::string suggested_region() const {
    if (options_.given("region")) {
      return options_.text("region");
    }
    const util::Environment& environment = session_.environment();
    const auto from_variables = environment.non_empty("AWS_REGION").has_value()
                                    ? environment.non_empty("AWS_REGION")
                                    : environment.non_empty("AWS_DEFAULT_REGION");
    if (answers_.from_environment) {
      return from_variables.value_or("");
    }
    const auto of_profile =
        profile_value(files_.config, AwsFileKind::config, answers_.profile, "region");
    return of_profile.value_or(from_variables.value_or(""));
  }

  // Flags were not checked while they were read, prompts were.
  Step check_answers() {
    const std::vector<std::pair<std::string_view, std::string>> problems{
        {"--name", check_context_name(answers_.name)},
        {"--profile", answers_.from_environment ? "" : check_profile(answers_.profile)},
        {"--region",
         answers_.region.empty() && region_can_wait() ? "" : check_region(answers_.region)},
        {"--access-key-id", answers_.key ? check_key_id(answers_.key->id) : ""},
        {"the secret access key", answers_.key ? check_secret(answers_.key->secret) : ""},
    };
    for (const auto& [flag, problem] : problems) {
      if (!problem.empty()) {
        return usage(std::string(flag) + ": " + problem);
      }
    }
    return {};
  }

  Step check_profile_exists() {
    if (answers_.profile.empty() || answers_.key) {
      return {};
    }
    const std::vector<std::string> known = known_profiles();
    const bool profile_exists =
        std::find(known.begin(), known.end(), answers_.profile) != known.end();
    if (!profile_exists) {
      const std::optional<std::string> near = util::nearest(answers_.profile, known);
      return unexpected(session_.fail("profile \"" + answers_.profile + "\" does not exist",
                                      near ? "did you mean \"" + *near + "\"?"
                                           : "\"aws configure --profile " + answers_.profile +
                                                 "\" creates it, or enter credentials here"));
    }
    return {};
  }

  Session& session_;
  const Options& options_;
  const AwsFileTexts& files_;
  Prompter prompter_;
  SetupAnswers answers_;
};

}  // namespace

util::Result<SetupAnswers, ExitCode> gather_answers(Session& session,
                                                    const Options& options,
                                                    const AwsFileTexts& files) {
  return Interview(session, options, files).run();
}

bool is_region_name(std::string_view text) {
  const std::vector<std::string> parts = util::split(text, '-');
  const auto fine = [](const std::string& part) {
    return !part.empty() &&
           std::all_of(part.begin(), part.end(), [](char c) { return util::is_alnum(c); });
  };
  return parts.size() >= 3 && std::all_of(parts.begin(), parts.end(), fine) &&
         util::to_lower(text) == text && util::parse_int(parts.back()).has_value();
}

}  // namespace cli
