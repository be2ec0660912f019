#include "cli/completion_values.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "awsapi/secretsmanager.hpp"
#include "cli/context/context_store.hpp"
#include "cli/local_engine.hpp"
#include "cli/setup/aws_files.hpp"
#include "compose/load.hpp"

namespace cli {
namespace {

// The regions of the commercial partition that are open to every account, and the usual opt-in
// ones.
constexpr std::array<std::string_view, 33> kRegions{
    "af-south-1",     "ap-east-1",      "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
    "ap-southeast-4", "ap-southeast-5", "ap-southeast-7", "ca-central-1",   "ca-west-1",
    "eu-central-1",   "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",
    "eu-west-1",      "eu-west-2",      "eu-west-3",      "il-central-1",   "me-central-1",
    "me-south-1",     "mx-central-1",   "sa-east-1",      "us-east-1",      "us-east-2",
    "us-gov-west-1",  "us-west-1",      "us-west-2"};

// Only an engine that runs is asked: pressing a key starts nothing.
std::vector<std::pair<std::string, std::string>> secret_names(const Session& session) {
  std::vector<std::pair<std::string, std::string>> names;
  const auto target = session.resolve_target();
  if (!target || (target->is_local() && !engine_is_running(session))) {
    return names;
  }
  const auto service = session.open_service(*target);
  if (!service) {
    return names;
  }
  namespace sm = awsapi::secretsmanager;
  const auto listed =
      (*service)->send_all(sm::ListSecretsRequest{}, [&](const sm::ListSecretsResponse& page) {
        for (const sm::SecretListEntry& secret : page.secret_list) {
          names.emplace_back(secret.name.value_or(""), secret.description.value_or(""));
        }
      });
  return listed ? names : std::vector<std::pair<std::string, std::string>>();
}

std::vector<std::pair<std::string, std::string>> profile_candidates(const Session& session) {
  const AwsFilePaths paths = aws_file_paths(session.environment(), session.home());
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& [path, kind] : {std::pair(paths.config, AwsFileKind::config),
                                   std::pair(paths.credentials, AwsFileKind::credentials)}) {
    for (std::string& name : profile_names(session.files().read(path).value_or(""), kind)) {
      names.emplace_back(std::move(name), "");
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// Services of the project that the line's `compose` flags name; nothing while its files have
// errors.
std::vector<std::pair<std::string, std::string>> service_names(const Session& session,
                                                               const Options& options) {
  compose::LoadRequest request;
  request.files = options.list("file");
  request.env_files = options.list("env-file");
  request.project_directory = options.value("project-directory");
  request.profiles = options.list("profile");
  request.environment = session.environment().all();
  request.current_dir = session.working_directory();
  request.resolve_environment = false;
  diag::SourceMap sources;
  diag::Bag ignored;
  const auto project = compose::load(request, session.files(), sources, ignored);
  std::vector<std::pair<std::string, std::string>> names;
  if (project) {
    for (const auto& [name, service] : project->services) {
      names.emplace_back(name, service.image ? service.image->value : "");
    }
  }
  return names;
}

}  // namespace

Candidates candidates_of(const Session& session, const Options& options, Completion kind) {
  Candidates candidates;
  switch (kind) {
    case Completion::files: candidates.directive = Directive::files; break;
    case Completion::directories: candidates.directive = Directive::directories; break;
    case Completion::contexts: {
      const ContextStore store(session.files(), session.docker_config_directory());
      for (std::string& name : store.names()) {
        candidates.words.emplace_back(std::move(name), "");
      }
      break;
    }
    case Completion::secrets: candidates.words = secret_names(session); break;
    case Completion::profiles: candidates.words = profile_candidates(session); break;
    case Completion::regions:
      for (const std::string_view region : kRegions) {
        candidates.words.emplace_back(region, "");
      }
      break;
    case Completion::services: candidates.words = service_names(session, options); break;
    case Completion::nothing: break;
  }
  return candidates;
}

}  // namespace cli
