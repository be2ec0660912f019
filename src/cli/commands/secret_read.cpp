#include <algorithm>
#include <string>
#include <vector>

#include "awsapi/secretsmanager.hpp"
#include "cli/commands/secret.hpp"
#include "cli/options.hpp"
#include "cli/present/table.hpp"
#include "cli/session.hpp"
#include "doc/json_writer.hpp"

namespace cli {
namespace {

namespace sm = awsapi::secretsmanager;

doc::Node labels_node(const std::vector<sm::Tag>& tags) {
  std::vector<sm::Tag> sorted = tags;
  std::sort(sorted.begin(), sorted.end(), [](const sm::Tag& a, const sm::Tag& b) {
    return a.key < b.key;
  });
  doc::Mapping labels;
  for (const sm::Tag& tag : sorted) {
    labels.set(tag.key.value_or(""), doc::Node(tag.value.value_or("")));
  }
  return doc::Node(std::move(labels));
}

// Secret is DescribeSecretResponse or SecretListEntry.
template <class Secret>
doc::Node secret_record(const Secret& secret) {
  return doc::map({{"ID", doc::Node(secret.arn.value_or(""))},
                   {"Name", doc::Node(secret.name.value_or(""))},
                   {"Labels", labels_node(secret.tags)},
                   {"Description", doc::Node(secret.description.value_or(""))}});
}

ExitCode inspect_secrets(Session& session, const Options& options) {
  const auto service = session.open_service(session.target());
  if (!service) {
    return session.fail(service.error());
  }
  std::vector<doc::Node> records;
  ExitCode code = ExitCode::ok;
  for (const std::string& id : options.arguments()) {
    sm::DescribeSecretRequest request;
    request.secret_id = id;
    const auto secret = (*service)->send(request);
    if (secret) {
      records.push_back(secret_record(*secret));
    } else if (secret.error().code == "ResourceNotFoundException") {
      code = session.fail("no such secret: " + id);
    } else {
      code = session.fail(describe(secret.error()));
    }
  }
  // One secret is one object, as in the first plugin; several are a list.
  if (options.arguments().size() > 1) {
    session.print(doc::to_json(doc::list(std::move(records)), doc::JsonStyle::pretty));
  } else if (!records.empty()) {
    session.print(doc::to_json(records.front(), doc::JsonStyle::pretty));
  }
  return code;
}

ExitCode list_secrets(Session& session, const Options& options) {
  const auto service = session.open_service(session.target());
  if (!service) {
    return session.fail(service.error());
  }
  std::vector<sm::SecretListEntry> secrets;
  const auto listed =
      (*service)->send_all(sm::ListSecretsRequest{}, [&](const sm::ListSecretsResponse& page) {
        secrets.insert(secrets.end(), page.secret_list.begin(), page.secret_list.end());
      });
  if (!listed) {
    return session.fail(describe(listed.error()));
  }
  std::sort(
      secrets.begin(), secrets.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  if (options.is_set("quiet")) {
    for (const sm::SecretListEntry& secret : secrets) {
      session.print(secret.arn.value_or("") + "\n");
    }
  } else if (options.text("format") == "json") {
    std::vector<doc::Node> records;
    std::transform(secrets.begin(),
                   secrets.end(),
                   std::back_inserter(records),
                   secret_record<sm::SecretListEntry>);
    session.print(doc::to_json(doc::list(std::move(records)), doc::JsonStyle::pretty));
  } else {
    Table table({"ID", "NAME", "DESCRIPTION"});
    for (const sm::SecretListEntry& secret : secrets) {
      table.add(
          {secret.arn.value_or(""), secret.name.value_or(""), secret.description.value_or("")});
    }
    session.print(table.text());
  }
  return ExitCode::ok;
}

}  // namespace

Command secret_inspect_command() {
  return {
      .name = "inspect",
      .tier = Tier::cloud,
      .arguments = "ID [ID...]",
      .summary = "Show what is known about secrets, without their values",
      .examples = "docker ecs secret inspect dockerhub",
      .positionals = {.at_least = 1, .at_most = kAnyNumber, .completion = Completion::secrets},
      .run = inspect_secrets,
  };
}

Command secret_list_command() {
  return {
      .name = "list",
      .aliases = {"ls"},
      .tier = Tier::cloud,
      .summary = "List secrets",
      .flags = {{.name = "format",
                 .kind = FlagKind::text,
                 .help = "Format the output",
                 .default_value = "table",
                 .choices = {"table", "json", "pretty"}},
                {.name = "quiet", .shorthands = "q", .help = "Only show ARNs"}},
      .run = list_secrets,
  };
}

}  // namespace cli
