#include <algorithm>

#include "cli/commands/compose.hpp"
#include "cli/commands/compose_endpoint.hpp"
#include "cli/commands/compose_project.hpp"
#include "cli/options.hpp"
#include "cli/present/table.hpp"
#include "cli/session.hpp"
#include "convert/naming.hpp"
#include "deploy/services.hpp"
#include "doc/json_writer.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

using Services = std::vector<deploy::ServiceStatus>;

std::string port_text(const deploy::Publisher& publisher) {
  return publisher.host + ":" + std::to_string(publisher.published) + "->" +
         std::to_string(publisher.target) + "/" + publisher.protocol;
}

std::string ports_text(const deploy::ServiceStatus& service) {
  std::vector<std::string> ports;
  for (const deploy::Publisher& publisher : service.publishers) {
    ports.push_back(port_text(publisher));
  }
  return util::join(ports, ", ");
}

doc::Node record(const deploy::ServiceStatus& service, const std::string& project) {
  std::vector<doc::Node> publishers;
  for (const deploy::Publisher& publisher : service.publishers) {
    publishers.push_back(doc::map({{"URL", doc::Node(publisher.url)},
                                   {"Host", doc::Node(publisher.host)},
                                   {"PublishedPort", doc::Node(publisher.published)},
                                   {"TargetPort", doc::Node(publisher.target)},
                                   {"Protocol", doc::Node(publisher.protocol)}}));
  }
  return doc::map({{"ID", doc::Node(service.id)},
                   {"Name", doc::Node(service.name)},
                   {"Project", doc::Node(project)},
                   {"Arn", doc::Node(service.arn)},
                   {"Running", doc::Node(service.running)},
                   {"Desired", doc::Node(service.desired)},
                   {"Pending", doc::Node(service.pending)},
                   {"Status", doc::Node(service.status)},
                   {"Rollout", doc::Node(service.rollout)},
                   {"Publishers", doc::list(std::move(publishers))}});
}

void print_services(const Session& session,
                    const Options& options,
                    const Services& services,
                    const std::string& project) {
  if (options.is_set("quiet") || options.is_set("services")) {
    for (const deploy::ServiceStatus& service : services) {
      session.print((options.is_set("quiet") ? service.id : service.name) + "\n");
    }
    return;
  }
  if (options.text("format") == "json") {
    std::vector<doc::Node> records;
    for (const deploy::ServiceStatus& service : services) {
      records.push_back(record(service, project));
    }
    session.print(doc::to_json(doc::list(std::move(records)), doc::JsonStyle::pretty));
    return;
  }
  Table table({"ID", "NAME", "REPLICAS", "PORTS"});
  for (const deploy::ServiceStatus& service : services) {
    table.add({service.id,
               service.name,
               std::to_string(service.running) + "/" + std::to_string(service.desired),
               ports_text(service)});
  }
  session.print(table.text());
}

// The services named on the command line, or all; an unknown name is an error.
util::Result<Services, Failure> select(Services services, const std::vector<std::string>& names) {
  if (names.empty()) {
    return services;
  }
  Services out;
  for (const std::string& name : names) {
    const auto at = std::find_if(services.begin(), services.end(), [&](const auto& service) {
      return service.name == name;
    });
    if (at == services.end()) {
      std::vector<std::string> known;
      for (const deploy::ServiceStatus& service : services) {
        known.push_back(service.name);
      }
      return util::unexpected(no_such_service(name, known));
    }
    out.push_back(*at);
  }
  return out;
}

ExitCode ps_command(Session& session, const Options& options) {
  const auto project = project_name(session, options);
  if (!project) {
    return project.error();
  }
  const auto api = open_endpoint(session);
  if (!api) {
    return session.fail(api.error());
  }
  const auto stack = deploy::read_stack(**api, convert::stack_name(*project));
  if (!stack) {
    return session.fail(describe(stack.error()));
  }
  Services services;
  if (!*stack) {
    session.say(*project + " is not deployed here");
  } else {
    auto read = deploy::read_services(**api, **stack);
    if (!read) {
      return session.fail(describe(read.error()));
    }
    services = std::move(*read);
    if ((*stack)->phase() != deploy::StackPhase::ready) {
      session.say("stack `" + (*stack)->name + "` is in state " + (*stack)->status);
    }
  }
  auto selected = select(std::move(services), options.arguments());
  if (!selected) {
    return session.fail(selected.error());
  }
  print_services(session, options, *selected, *project);
  return ExitCode::ok;
}

}  // namespace

Command compose_ps_command() {
  return {
      .name = "ps",
      .tier = Tier::cloud,
      .arguments = "[SERVICE...]",
      .summary = "List the application's services",
      .details = "With --project-name no Compose file is needed.",
      .examples = "docker ecs compose ps --format json",
      .flags = {{.name = "format",
                 .kind = FlagKind::text,
                 .help = "Format the output",
                 .default_value = "table",
                 .choices = {"table", "json", "pretty"}},
                {.name = "quiet", .shorthands = "q", .help = "Only show IDs"},
                {.name = "services", .help = "Only show service names"}},
      .positionals = {.at_least = 0, .at_most = kAnyNumber, .completion = Completion::services},
      .run = ps_command,
  };
}

}  // namespace cli
