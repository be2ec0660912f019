#include "cli/context/context_store.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <dirent.h>

#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"
#include "util/atomic_file.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

using util::unexpected;

std::optional<std::string> text_member(const doc::Node* node, std::string_view key) {
  const doc::Node* member = node != nullptr ? node->find(key) : nullptr;
  const std::string* text = member != nullptr ? member->as_string() : nullptr;
  return text != nullptr && !text->empty() ? std::optional(*text) : std::nullopt;
}

std::optional<StoredContext> read_context(doc::Node document) {
  const std::optional<std::string> name = text_member(&document, "Name");
  if (!name) {
    return std::nullopt;
  }
  StoredContext context{.name = *name, .description = {}, .document = {}};
  context.description = text_member(document.find("Metadata"), "Description").value_or("");
  context.document = std::move(document);
  return context;
}

Failure unreadable(const std::string& path, const std::string& why) {
  return {"cannot read " + path + ": " + why, ""};
}

}  // namespace

ContextStore::ContextStore(const util::ReadOnlyFileSystem& files, std::string config_directory)
    : files_(files), directory_(std::move(config_directory)) {}

std::string ContextStore::meta_path(std::string_view name) const {
  return directory_ + "/contexts/meta/" + util::sha256_hex(name) + "/meta.json";
}

util::Result<std::optional<StoredContext>, Failure> ContextStore::find(
    std::string_view name) const {
  const std::string path = meta_path(name);
  const auto text = files_.read(path);
  if (!text) {
    if (text.error().code == ENOENT || text.error().code == ENOTDIR) {
      return std::optional<StoredContext>();
    }
    return unexpected(unreadable(path, text.error().message));
  }
  auto document = doc::read_json(*text);
  if (!document) {
    return unexpected(unreadable(path, document.error().message));
  }
  std::optional<StoredContext> context = read_context(std::move(*document));
  if (!context) {
    return unexpected(unreadable(path, "not the description of a context"));
  }
  return context;
}

std::vector<std::string> ContextStore::names() const {
  std::vector<std::string> names{std::string(kDefaultContext)};
  const std::string meta = directory_ + "/contexts/meta";
  const auto close_directory = [](DIR* directory) { ::closedir(directory); };
  const std::unique_ptr<DIR, decltype(close_directory)> directory(::opendir(meta.c_str()));
  while (directory) {
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) {
      break;
    }
    const auto text = files_.read(meta + "/" + entry->d_name + "/meta.json");
    auto document = text ? doc::read_json(*text) : unexpected(doc::JsonError{});
    if (!document) {
      continue;
    }
    if (auto context = read_context(std::move(*document))) {
      names.push_back(std::move(context->name));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

util::Result<std::optional<std::string>, Failure> ContextStore::current() const {
  const std::string path = directory_ + "/config.json";
  const auto text = files_.read(path);
  if (!text) {
    if (text.error().code == ENOENT || text.error().code == ENOTDIR) {
      return std::optional<std::string>();
    }
    return unexpected(unreadable(path, text.error().message));
  }
  if (util::trim(*text).empty()) {
    return std::optional<std::string>();
  }
  const auto document = doc::read_json(*text);
  if (!document) {
    return unexpected(unreadable(path, document.error().message));
  }
  return text_member(&*document, "currentContext");
}

util::Result<void, Failure> ContextStore::write(const StoredContext& context) const {
  constexpr unsigned kDirectoryMode = 0755;
  constexpr unsigned kFileMode = 0644;
  const std::string path = meta_path(context.name);
  const std::string directory = path.substr(0, path.rfind('/'));
  auto made = util::make_directories(directory, kDirectoryMode);
  if (made) {
    made = util::write_file_atomically(path, doc::to_json(context.document), kFileMode);
  }
  if (!made) {
    return unexpected(Failure{"cannot write " + path + ": " + made.error().message, ""});
  }
  return {};
}

StoredContext aws_context(std::string name, std::string description, const AwsEndpoint& endpoint) {
  doc::Mapping aws;
  if (endpoint.from_environment) {
    aws.set("CredentialsFromEnv", doc::Node(true));
  }
  if (endpoint.profile) {
    aws.set("Profile", doc::Node(*endpoint.profile));
  }
  if (endpoint.region) {
    aws.set("Region", doc::Node(*endpoint.region));
  }
  doc::Mapping metadata;
  if (!description.empty()) {
    metadata.set("Description", doc::Node(description));
  }
  metadata.set("Type", doc::Node("ecs"));
  doc::Node document = doc::map({
      {"Name", doc::Node(name)},
      {"Metadata", doc::Node(std::move(metadata))},
      {"Endpoints",
       doc::map({{"docker", doc::Node(doc::Mapping{})}, {"ecs", doc::Node(std::move(aws))}})},
  });
  return {std::move(name), std::move(description), std::move(document)};
}

Endpoint endpoint_of(const StoredContext& context) {
  const doc::Node* endpoints = context.document.find("Endpoints");
  if (endpoints == nullptr) {
    return LocalTarget{std::string(kDefaultDockerHost)};
  }
  for (const std::string_view type : {"ecs", "aws"}) {
    if (const doc::Node* aws = endpoints->find(type)) {
      AwsTarget target{text_member(aws, "Profile"), text_member(aws, "Region")};
      const doc::Node* from_environment = aws->find("CredentialsFromEnv");
      if (from_environment != nullptr && from_environment->as_bool() != nullptr &&
          *from_environment->as_bool()) {
        target.profile.reset();
      }
      return target;
    }
  }
  return LocalTarget{
      text_member(endpoints->find("docker"), "Host").value_or(std::string(kDefaultDockerHost))};
}

util::Result<ContextChoice, Failure> choose_context(const Globals& globals,
                                                    const util::Environment& environment,
                                                    const ContextStore& store) {
  const std::string fallback(kDefaultContext);
  if (globals.context && !globals.hosts.empty()) {
    return unexpected(Failure{"conflicting options: cannot specify both --host and --context", ""});
  }
  if (globals.context && !globals.context->empty()) {
    return ContextChoice{*globals.context, environment.non_empty("DOCKER_HOST"), "--context"};
  }
  if (!globals.hosts.empty()) {
    if (globals.hosts.size() > 1) {
      return unexpected(Failure{"specify only one -H", ""});
    }
    return ContextChoice{fallback, globals.hosts.front(), "--host"};
  }
  if (const auto host = environment.non_empty("DOCKER_HOST")) {
    return ContextChoice{fallback, host, "DOCKER_HOST"};
  }
  if (const auto name = environment.non_empty("DOCKER_CONTEXT")) {
    return ContextChoice{*name, std::nullopt, "DOCKER_CONTEXT"};
  }
  const auto current = store.current();
  if (!current) {
    return unexpected(current.error());
  }
  return ContextChoice{current->value_or(fallback), std::nullopt, "config.json"};
}

util::Result<Target, Failure> resolve_context(const ContextChoice& choice,
                                              const ContextStore& store) {
  if (choice.name == kDefaultContext) {
    std::string host = choice.docker_host.value_or(std::string(kDefaultDockerHost));
    if (host.find("://") == std::string::npos) {
      host = "tcp://" + host;
    }
    return Target{choice.name, LocalTarget{std::move(host)}};
  }
  const auto context = store.find(choice.name);
  if (!context) {
    return unexpected(context.error());
  }
  if (!*context) {
    const std::optional<std::string> near = util::nearest(choice.name, store.names());
    std::string help = near ? "did you mean \"" + *near + "\"? " : "";
    help += "\"docker context ls\" lists the contexts, \"docker ecs setup\" creates one for AWS";
    return unexpected(Failure{"context \"" + choice.name + "\" does not exist (chosen by " +
                                  std::string(choice.origin) + ")",
                              std::move(help)});
  }
  return Target{choice.name, endpoint_of(**context)};
}

bool is_context_name(std::string_view name) {
  const auto inner = [](char c) {
    return util::is_alnum(c) || c == '_' || c == '.' || c == '+' || c == '-';
  };
  return name.size() >= 2 && name != kDefaultContext && util::is_alnum(name.front()) &&
         std::all_of(name.begin(), name.end(), inner);
}

}  // namespace cli
