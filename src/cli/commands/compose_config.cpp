#include <algorithm>
#include <functional>
#include <set>

#include "cli/commands/compose.hpp"
#include "cli/commands/compose_project.hpp"
#include "cli/options.hpp"
#include "cli/present/table.hpp"
#include "cli/session.hpp"
#include "compose/print_json.hpp"
#include "compose/print_model.hpp"
#include "compose/print_yaml.hpp"
#include "compose/substitute.hpp"
#include "util/atomic_file.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

using Lines = std::vector<std::string>;

compose::LoadRequest config_request(const Session& session, const Options& options) {
  compose::LoadRequest request = load_request(session, options);
  request.interpolate = !options.is_set("no-interpolate");
  request.normalize = !options.is_set("no-normalize");
  request.resolve_paths = !options.is_set("no-path-resolution");
  request.check_consistency = !options.is_set("no-consistency");
  request.resolve_environment = !options.is_set("no-env-resolution");
  request.drop_unused_resources = true;
  return request;
}

util::Result<compose::ConfigModel, ExitCode> load_or_tell(const Session& session,
                                                          const compose::LoadRequest& request) {
  Loading loading;
  auto model = compose::load_config(request, session.files(), loading.sources, loading.bag);
  show_diagnostics(session, loading);
  if (!model) {
    return util::unexpected(exit_code_of(loading.bag));
  }
  return std::move(*model);
}

const std::vector<doc::Entry>& entries_of(const doc::Node& node, std::string_view section) {
  static const std::vector<doc::Entry> kNone;
  const doc::Node* found = node.find(section);
  const doc::Mapping* mapping = found == nullptr ? nullptr : found->as_mapping();
  return mapping == nullptr ? kNone : mapping->entries;
}

std::string text_of(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const std::string* text = found == nullptr ? nullptr : found->as_string();
  return text == nullptr ? std::string() : *text;
}

Lines names_of(const doc::Node& tree, std::string_view section) {
  Lines out;
  for (const doc::Entry& entry : entries_of(tree, section)) {
    out.push_back(entry.key.value);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Each service behind those that it depends on, else by name.
Lines services_in_order(const doc::Node& tree) {
  Lines out;
  std::set<std::string> seen;
  const doc::Node* services = tree.find("services");
  const std::function<void(const std::string&)> visit = [&](const std::string& name) {
    const doc::Node* service = services->find(name);
    if (service == nullptr || !seen.insert(name).second) {
      return;
    }
    for (const std::string& dependency : names_of(*service, "depends_on")) {
      visit(dependency);
    }
    out.push_back(name);
  };
  for (const std::string& name : names_of(tree, "services")) {
    visit(name);
  }
  return out;
}

// Of services without one, the name that building gives it.
Lines images(const compose::ConfigModel& model) {
  const std::string project = text_of(model.tree, "name");
  Lines out;
  for (const doc::Entry& service : entries_of(model.tree, "services")) {
    const std::string own = text_of(service.value, "image");
    out.push_back(own.empty() ? project + "-" + service.key.value : own);
    const doc::Node* hooks = service.value.find("pre_start");
    const doc::Sequence* list = hooks == nullptr ? nullptr : hooks->as_sequence();
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
      const std::string image = text_of(list->items[i], "image");
      if (!image.empty() && image != out.back()) {
        out.push_back(image);
      }
    }
  }
  return out;
}

Lines profiles(const compose::ConfigModel& model) {
  std::set<std::string> out;
  const auto add = [&](const std::vector<doc::Entry>& services) {
    for (const doc::Entry& service : services) {
      const doc::Node* names = service.value.find("profiles");
      const doc::Sequence* list = names == nullptr ? nullptr : names->as_sequence();
      for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
        out.insert(*list->items[i].as_string());
      }
    }
  };
  add(entries_of(model.tree, "services"));
  if (model.inactive.as_mapping() != nullptr) {
    add(model.inactive.as_mapping()->entries);
  }
  return {out.begin(), out.end()};
}

Lines model_names(const compose::ConfigModel& model) {
  Lines out;
  for (const doc::Entry& entry : entries_of(model.tree, "models")) {
    if (std::string name = text_of(entry.value, "model"); !name.empty()) {
      out.push_back(std::move(name));
    }
  }
  return out;
}

Lines environment(const compose::ConfigModel& model) {
  Lines out;
  for (const auto& [name, value] : model.environment) {
    out.push_back(name + "=" + value);
  }
  return out;
}

Lines hashes(const compose::ConfigModel& model, const Lines& wanted) {
  const auto platform = model.environment.find("DOCKER_DEFAULT_PLATFORM");
  Lines out;
  for (const doc::Entry& service : entries_of(model.tree, "services")) {
    if (wanted.empty() ||
        std::find(wanted.begin(), wanted.end(), service.key.value) != wanted.end()) {
      out.push_back(service.key.value + " " +
                    compose::service_hash(
                        service.value,
                        platform == model.environment.end() ? std::string() : platform->second));
    }
  }
  return out;
}

doc::Node variable_record(const compose::VariableUse& use, bool json) {
  const auto name = [&](std::string_view text) {
    return json ? std::string(text) : util::to_lower(text);
  };
  doc::Mapping out;
  out.set(name("Name"), doc::Node(use.name));
  out.set(name("DefaultValue"), doc::Node(use.default_value));
  out.set(name("PresenceValue"), doc::Node(use.presence_value));
  out.set(name("Required"), doc::Node(use.required));
  return doc::Node(std::move(out));
}

std::string variables_text(const std::vector<compose::VariableUse>& uses,
                           const std::string& format) {
  if (format.empty()) {
    Table table({"NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"});
    for (const compose::VariableUse& use : uses) {
      table.add({use.name, use.required ? "true" : "false", use.default_value, use.presence_value});
    }
    return table.text();
  }
  const bool json = format == "json";
  doc::Mapping all;
  for (const compose::VariableUse& use : uses) {
    all.set(use.name, variable_record(use, json));
  }
  const doc::Node document(std::move(all));
  return json ? compose::reference_json(document, compose::JsonLayout::compact) + "\n"
              : compose::reference_yaml(document);
}

ExitCode print_variables(const Session& session, const Options& options) {
  compose::LoadRequest request = config_request(session, options);
  request.interpolate = false;
  request.validate_schema = false;
  request.resolve_environment = false;
  const auto model = load_or_tell(session, request);
  if (!model) {
    return model.error();
  }
  session.print(variables_text(compose::variables_of(model->tree), options.text("format")));
  return ExitCode::ok;
}

ExitCode print_config(const Session& session, const Options& options) {
  compose::LoadRequest request = config_request(session, options);
  if (request.interpolate) {
    request.services = options.arguments();
  } else if (!options.arguments().empty()) {
    session.warn("with --no-interpolate the whole model is shown, not only the services named");
  }
  auto model = load_or_tell(session, request);
  if (!model) {
    return model.error();
  }
  if (options.is_set("quiet")) {
    return ExitCode::ok;
  }
  const bool json = options.text("format") == "json";
  const std::string text = compose::print_model(
      std::move(model->tree),
      request.interpolate ? compose::ModelState::bound : compose::ModelState::raw,
      json ? compose::ModelFormat::json : compose::ModelFormat::yaml);
  const auto path = options.value("output");
  if (!path) {
    session.print(text);
    return ExitCode::ok;
  }
  const auto written = util::write_file_atomically(session.absolute(*path), text, 0644);
  return written ? ExitCode::ok
                 : session.fail("cannot write " + *path + ": " + written.error().message);
}

// A flag that asks for a list instead of the model.
struct Listing {
  std::string_view flag;
  bool of_selected_services;  // the services named on the command line narrow it
  Lines (*lines)(const compose::ConfigModel&);
};

constexpr Listing kListings[] = {
    {"services", false, [](const compose::ConfigModel& m) { return services_in_order(m.tree); }},
    {"volumes", false, [](const compose::ConfigModel& m) { return names_of(m.tree, "volumes"); }},
    {"networks", false, [](const compose::ConfigModel& m) { return names_of(m.tree, "networks"); }},
    {"models", false, model_names},
    {"profiles", true, profiles},
    {"images", true, images},
    {"environment", true, environment},
};

ExitCode print_listing(const Session& session, const Options& options, const Listing& listing) {
  compose::LoadRequest request = config_request(session, options);
  request.interpolate = request.interpolate || listing.flag != "services";
  request.resolve_environment = false;
  if (listing.of_selected_services) {
    request.services = options.arguments();
  }
  const auto model = load_or_tell(session, request);
  if (!model) {
    return model.error();
  }
  for (const std::string& line : listing.lines(*model)) {
    session.print(line + "\n");
  }
  return ExitCode::ok;
}

ExitCode print_hashes(const Session& session, const Options& options) {
  compose::LoadRequest request = config_request(session, options);
  request.interpolate = true;
  if (const std::string names = options.text("hash"); names != "*") {
    request.services = util::split(names, ',');
  }
  const auto model = load_or_tell(session, request);
  if (!model) {
    return model.error();
  }
  for (const std::string& line : hashes(*model, request.services)) {
    session.print(line + "\n");
  }
  return ExitCode::ok;
}

ExitCode config_command(Session& session, const Options& options) {
  for (const std::string_view flag : {"resolve-image-digests", "lock-image-digests"}) {
    if (options.is_set(flag)) {
      return session.fail(
          "--" + std::string(flag) + " is not supported: nothing is asked of a registry here",
          "write the digest into the file (image: name@sha256:…), or let \"docker compose config "
          "--lock-image-digests\" write a file to add with --file");
    }
  }
  const auto* listing =
      std::find_if(std::begin(kListings), std::end(kListings), [&](const Listing& each) {
        return options.is_set(each.flag);
      });
  // The order in which docker compose looks at them, should several be given.
  const auto before_hash = std::begin(kListings) + 4;
  if (options.given("hash") && listing >= before_hash) {
    return print_hashes(session, options);
  }
  const bool variables_first = listing == std::end(kListings) || listing->flag == "environment";
  if (options.is_set("variables") && variables_first) {
    return print_variables(session, options);
  }
  return listing != std::end(kListings) ? print_listing(session, options, *listing)
                                        : print_config(session, options);
}

}  // namespace

Command compose_config_command() {
  using enum FlagKind;
  return {
      .name = "config",
      .tier = Tier::project,
      .arguments = "[SERVICE...]",
      .summary = "Show the Compose model with everything resolved",
      .details =
          "The same as \"docker compose config\". What ECS makes of the model is told by \"docker "
          "ecs compose check\" and \"docker ecs compose convert\".",
      .examples =
          "docker ecs compose config\n"
          "docker ecs compose config --format json web\n"
          "docker ecs compose config --variables",
      .flags = {{.name = "environment", .help = "Show the variables that the files are read with"},
                {.name = "format",
                 .kind = text,
                 .help = "Format of the output (default yaml; of --variables, a table)",
                 .choices = {"yaml", "json"}},
                {.name = "hash",
                 .kind = text,
                 .help = "Show the hash of services: names separated by commas, or \"*\"",
                 .completion = Completion::services},
                {.name = "images", .help = "Show the names of the images"},
                {.name = "lock-image-digests",
                 .help = "Not supported",
                 .visibility = Visibility::hidden},
                {.name = "models", .help = "Show the names of the models"},
                {.name = "networks", .help = "Show the names of the networks"},
                {.name = "no-consistency", .help = "Do not check that the model is consistent"},
                {.name = "no-env-resolution", .help = "Do not read the services' env_file"},
                {.name = "no-interpolate", .help = "Do not replace variables"},
                {.name = "no-normalize", .help = "Do not add what Compose implies"},
                {.name = "no-path-resolution", .help = "Do not make paths absolute"},
                {.name = "output",
                 .shorthands = "o",
                 .kind = text,
                 .help = "Write to a file (default: standard output)",
                 .completion = Completion::files},
                {.name = "profiles", .help = "Show the names of the profiles"},
                {.name = "quiet", .shorthands = "q", .help = "Only check, print nothing"},
                {.name = "resolve-image-digests",
                 .help = "Not supported",
                 .visibility = Visibility::hidden},
                {.name = "services", .help = "Show the names of the services"},
                {.name = "variables", .help = "Show the variables in the files and their defaults"},
                {.name = "volumes", .help = "Show the names of the volumes"}},
      .positionals = {.at_most = kAnyNumber, .completion = Completion::services},
      .run = config_command,
  };
}

}  // namespace cli
