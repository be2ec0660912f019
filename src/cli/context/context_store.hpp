#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/failure.hpp"
#include "cli/globals.hpp"
#include "cli/target.hpp"
#include "doc/node.hpp"
#include "util/environment.hpp"
#include "util/file_system.hpp"
#include "util/result.hpp"

namespace cli {

inline constexpr std::string_view kDefaultContext = "default";
inline constexpr std::string_view kDefaultDockerHost = "unix:///var/run/docker.sock";

// One context as Docker's store holds it. `document` is the whole meta.json, so that what others
// put there survives.
struct StoredContext {
  std::string name;
  std::string description;
  doc::Node document;
};

// Docker's own context store, <config>/contexts/meta/<sha256 of the name>/meta.json, and
// config.json's currentContext.
class ContextStore {
 public:
  ContextStore(const util::ReadOnlyFileSystem& files, std::string config_directory);

  // Nothing when there is no such context; a Failure when its file cannot be read or is no context.
  [[nodiscard]] util::Result<std::optional<StoredContext>, Failure> find(
      std::string_view name) const;
  // Names of every readable context, sorted, "default" included.
  [[nodiscard]] std::vector<std::string> names() const;
  // currentContext of config.json; nothing when there is none.
  [[nodiscard]] util::Result<std::optional<std::string>, Failure> current() const;

  // Writes the context, replacing one of the same name; complete or not at all, because `docker
  // context ls` fails for every context when one file is torn.
  [[nodiscard]] util::Result<void, Failure> write(const StoredContext& context) const;

  [[nodiscard]] std::string meta_path(std::string_view name) const;

 private:
  const util::ReadOnlyFileSystem& files_;
  std::string directory_;
};

// A context's endpoint settings for AWS, in the member `ecs` of Endpoints.
struct AwsEndpoint {
  std::optional<std::string> profile;
  std::optional<std::string> region;
  bool from_environment = false;
};

// A context for AWS that docker CLI itself lists and uses without complaint: it needs a `docker`
// endpoint, too.
StoredContext aws_context(std::string name, std::string description, const AwsEndpoint& endpoint);

// What the context points to: our `ecs` endpoint (also compose-cli's), ecs-plugin's `aws`, else the
// local engine on its Docker Engine.
Endpoint endpoint_of(const StoredContext& context);

// Which context the command line and the environment choose, as docker CLI decides it: --context,
// -H, DOCKER_HOST, DOCKER_CONTEXT, config.json, "default". A host makes it `default` on that host.
struct ContextChoice {
  std::string name;
  std::optional<std::string> docker_host;
  std::string_view origin;  // "--context", "DOCKER_CONTEXT", …; for messages
};

util::Result<ContextChoice, Failure> choose_context(const Globals& globals,
                                                    const util::Environment& environment,
                                                    const ContextStore& store);
util::Result<Target, Failure> resolve_context(const ContextChoice& choice,
                                              const ContextStore& store);

// Docker's rule: starts with a letter or digit, then letters, digits and _.+-; not "default".
bool is_context_name(std::string_view name);

}  // namespace cli
