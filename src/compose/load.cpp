#include "compose/load.hpp"

#include <utility>

#include "compose/bind.hpp"
#include "compose/consistency.hpp"
#include "compose/decode.hpp"
#include "compose/discover.hpp"
#include "compose/env_file.hpp"
#include "compose/loader.hpp"
#include "compose/normalize.hpp"
#include "compose/select.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

struct Loaded {
  doc::Node tree;  // bound, or the raw model
  doc::Node inactive{doc::Mapping{}};
  Discovery discovery;
  std::vector<std::string> files;
};

// Steps 1 to 7: everything until the values get types.
Loaded load_raw(Session& session) {
  Loaded out;
  out.discovery = discover(session);
  const std::string name = project_name(out.discovery, session);
  out.discovery.environment.insert_or_assign("COMPOSE_PROJECT_NAME", name);
  for (const SourceFile& file : out.discovery.files) {
    out.files.push_back(file.name);
  }
  const Scope scope{
      out.discovery.working_dir, out.discovery.working_dir, &out.discovery.environment};
  out.tree = load_files(std::move(out.discovery.files), scope, {}, session);
  if (out.tree.as_mapping()->entries.empty()) {
    session.problems.stop(
        "compose.empty",
        "empty compose file",
        std::nullopt,
        util::join(out.files, ", ") + ": write what should run under `services:`");
  }
  if (name.empty()) {
    session.problems.stop("compose.invalid-project-name",
                          "project name must not be empty",
                          std::nullopt,
                          "give one with -p, or with `name:` in the file");
  }
  if (session.request.normalize) {
    normalize(out.tree, name, out.discovery.environment);
  } else {
    out.tree.as_mapping()->set("name", doc::Node{name});
  }
  return out;
}

Loaded load_bound(Session& session) {
  Loaded out = load_raw(session);
  const LoadRequest& request = session.request;
  out.tree = bind(std::move(out.tree), session.problems);
  out.inactive = take_inactive_services(out.tree, out.discovery.profiles);
  if (request.check_consistency) {
    check_consistency(out.tree, out.inactive, session.problems);
  }
  if (!request.services.empty()) {
    select_services(
        out.tree, out.inactive, request.services, out.discovery.profiles, session.problems);
  }
  if (request.drop_unused_resources) {
    drop_unused_resources(out.tree);
  }
  if (request.resolve_environment) {
    resolve_env_files(out.tree, out.discovery.environment, session);
  }
  resolve_label_files(out.tree, session);
  if (request.check_consistency) {
    check_container_names(out.tree, session.problems);
  }
  return out;
}

void erase_member(doc::Node& tree, std::string_view section, bool only_from_environment) {
  doc::Node* node = tree.find(section);
  doc::Mapping* resources = node == nullptr ? nullptr : node->as_mapping();
  for (std::size_t i = 0; resources != nullptr && i < resources->entries.size(); ++i) {
    doc::Node& resource = resources->entries[i].value;
    if (resource.as_mapping() != nullptr &&
        (!only_from_environment || resource.find("environment") != nullptr)) {
      resource.as_mapping()->erase("content");
    }
  }
}

template <class Work>
auto guarded(diag::Sink& sink,
             const LoadRequest& request,
             const util::ReadOnlyFileSystem& files,
             diag::SourceMap& sources,
             Work work) -> std::optional<decltype(work(std::declval<Session&>()))> {
  Problems problems(sink);
  Session session{request, files, sources, problems, {}, 0, 0};
  try {
    return work(session);
  } catch (const Stop&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<Project> load(const LoadRequest& request,
                            const util::ReadOnlyFileSystem& files,
                            diag::SourceMap& sources,
                            diag::Sink& sink) {
  return guarded(sink, request, files, sources, [](Session& session) {
    Loaded loaded = load_bound(session);
    Project project = decode(std::move(loaded.tree));
    project.working_dir = loaded.discovery.working_dir;
    project.compose_files = std::move(loaded.files);
    for (const doc::Entry& entry : loaded.inactive.as_mapping()->entries) {
      project.disabled_services.push_back(entry.key.value);
    }
    return project;
  });
}

std::optional<ConfigModel> load_config(const LoadRequest& request,
                                       const util::ReadOnlyFileSystem& files,
                                       diag::SourceMap& sources,
                                       diag::Sink& sink) {
  return guarded(sink, request, files, sources, [](Session& session) {
    Loaded loaded = session.request.interpolate ? load_bound(session) : load_raw(session);
    // What a secret holds is never shown; what comes from a variable is shown as the variable.
    erase_member(loaded.tree, "secrets", false);
    erase_member(loaded.tree, "configs", true);
    return ConfigModel{std::move(loaded.tree),
                       std::move(loaded.inactive),
                       std::move(loaded.discovery.environment)};
  });
}

std::optional<doc::Node> load_model(const LoadRequest& request,
                                    const util::ReadOnlyFileSystem& files,
                                    diag::SourceMap& sources,
                                    diag::Sink& sink) {
  std::optional<ConfigModel> model = load_config(request, files, sources, sink);
  return model ? std::optional(std::move(model->tree)) : std::nullopt;
}

}  // namespace compose
