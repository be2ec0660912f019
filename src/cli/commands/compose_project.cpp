#include "cli/commands/compose_project.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "cli/options.hpp"
#include "cli/session.hpp"
#include "compose/load.hpp"
#include "convert/convert.hpp"
#include "convert/one_offs.hpp"
#include "convert/stats.hpp"
#include "diag/render.hpp"
#include "doc/json_writer.hpp"
#include "doc/yaml_writer.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

bool is_missing_file(const diag::Diagnostic& diagnostic) {
  constexpr std::array<std::string_view, 3> kCodes = {
      "compose.no-file", "compose.unreadable-file", "compose.file-not-found"};
  return diagnostic.severity == diag::Severity::error &&
         std::find(kCodes.begin(), kCodes.end(), diagnostic.code) != kCodes.end();
}

// NAME=value; a name alone takes the value of the environment, as `docker run -e` does.
void set_variables(const Options& options, compose::Environment& environment) {
  for (const std::string& assignment : options.list("environment")) {
    if (const std::size_t equals = assignment.find('='); equals != std::string::npos) {
      environment[assignment.substr(0, equals)] = assignment.substr(equals + 1);
    }
  }
}

std::optional<compose::Project> load_into(Loading& loading,
                                          const Session& session,
                                          const Options& options) {
  return compose::load(
      load_request(session, options), session.files(), loading.sources, loading.bag);
}

// Services of profiles that are not active can be run by hand; what is wrong with them is nobody's
// concern until then.
void add_services_of_profiles(const Session& session,
                              const Options& options,
                              compose::Project& project) {
  const std::vector<std::string> files = options.of_group().list("file");
  const bool reads_input = std::find(files.begin(), files.end(), "-") != files.end();
  if (project.disabled_services.empty() || reads_input) {  // standard input can be read once
    return;
  }
  compose::LoadRequest request = load_request(session, options);
  request.profiles = {"*"};
  Loading loading;
  if (const auto everything =
          compose::load(request, session.files(), loading.sources, loading.bag)) {
    convert::add_one_offs(project, *everything);
  }
}

// Whether --log-level lets it through; errors always pass.
bool is_wanted(const Session& session, const diag::Diagnostic& diagnostic) {
  switch (diagnostic.severity) {
    case diag::Severity::error: return true;
    case diag::Severity::warning: return session.globals().shows_warnings();
    case diag::Severity::note:
      return session.globals().shows_warnings() && session.globals().log_level != "warn";
  }
  return true;
}

}  // namespace

compose::LoadRequest load_request(const Session& session, const Options& command_options) {
  const Options options = command_options.of_group();
  compose::LoadRequest request;
  request.files = options.list("file");
  request.env_files = options.list("env-file");
  request.project_name = options.value("project-name");
  request.project_directory = options.value("project-directory");
  request.profiles = options.list("profile");
  request.environment = session.environment().all();
  set_variables(options, request.environment);
  request.current_dir = session.working_directory();
  if (std::find(request.files.begin(), request.files.end(), "-") != request.files.end()) {
    request.standard_input = session.in().read_all();
  }
  return request;
}

ExitCode exit_code_of(const diag::Bag& bag) {
  const auto& all = bag.all();
  return std::any_of(all.begin(), all.end(), is_missing_file) ? ExitCode::file_not_found
                                                              : ExitCode::invalid_file;
}

void show_diagnostics(const Session& session, const Loading& loading) {
  const diag::Colour colour =
      session.err().screen().colour ? diag::Colour::always : diag::Colour::never;
  std::vector<diag::Diagnostic> shown = loading.bag.all();
  std::erase_if(shown, [&](const diag::Diagnostic& each) { return !is_wanted(session, each); });
  session.err().write(
      util::replace_all(diag::render_text(std::move(shown), loading.sources, colour),
                        "docker ecs ",
                        session.program() + " "));
}

util::Result<compose::Project, ExitCode> load_project(const Session& session,
                                                      const Options& options) {
  Loading loading;
  auto project = load_into(loading, session, options);
  show_diagnostics(session, loading);
  if (!project) {
    return util::unexpected(exit_code_of(loading.bag));
  }
  return std::move(*project);
}

namespace {

std::string template_text(const compose::Project& project,
                          const cloudformation::Template& t,
                          TemplateFormat format) {
  const doc::Node document = cloudformation::to_node(t);
  switch (format) {
    case TemplateFormat::yaml: return doc::to_yaml(document);
    case TemplateFormat::json: return doc::to_json(document, doc::JsonStyle::pretty);
    case TemplateFormat::compact_json: return doc::to_json(document);
    case TemplateFormat::stats: return convert::stats_text(project, t, doc::to_json(document));
  }
  return {};
}

}  // namespace

util::Result<ConvertedProject, ExitCode> convert_project(const Session& session,
                                                         const Options& options,
                                                         TemplateFormat format) {
  Loading loading;
  auto project = load_into(loading, session, options);
  std::optional<cloudformation::Template> converted;
  if (project) {
    add_services_of_profiles(session, options, *project);
    converted = convert::convert(*project, loading.bag);
  }
  show_diagnostics(session, loading);
  if (!converted) {
    return util::unexpected(exit_code_of(loading.bag));
  }
  std::vector<std::string> parameters;
  for (const cloudformation::Parameter& parameter : converted->parameters) {
    parameters.push_back(parameter.name);
  }
  std::string text = template_text(*project, *converted, format);
  return ConvertedProject{std::move(*project), std::move(text), std::move(parameters)};
}

util::Result<std::string, ExitCode> project_name(const Session& session, const Options& options) {
  if (const auto name = options.value("project-name");
      name && !name->empty() && !options.given("file")) {
    if (auto wrong = compose::check_project_name(*name)) {
      Loading loading;
      loading.bag.report(std::move(*wrong));
      show_diagnostics(session, loading);
      return util::unexpected(ExitCode::invalid_file);
    }
    return *name;
  }
  auto project = load_project(session, options);
  if (!project) {
    return util::unexpected(project.error());
  }
  return project->name;
}

}  // namespace cli
