#include "convert/bind_mounts.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "util/file_path.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::string_view kExtension = "x-aws-bind";

bool is_below(std::string_view path, std::string_view folder) {
  return path == folder || folder == "/" ||
         (path.starts_with(folder) && path.substr(folder.size()).starts_with("/"));
}

const doc::Node* wish(const compose::Project& project,
                      const compose::Service& service,
                      const compose::Mount& mount) {
  for (const compose::Extensions* extensions :
       {&mount.extensions, &service.extensions, &project.extensions}) {
    if (const doc::Node* value = extensions->find(kExtension)) {
      return value;
    }
  }
  return nullptr;
}

bool wishes(const doc::Node* value, std::string_view word) {
  return value != nullptr && value->as_string() != nullptr && *value->as_string() == word;
}

// Below the project's folder, or beside it (`../shared`); the folders whose name starts with a
// period are a user's own.
bool is_of_project(const compose::Project& project, const std::string& source) {
  if (is_below(source, project.working_dir)) {
    return true;
  }
  const std::string beside = util::parent_path(project.working_dir);
  return beside != "/" && util::parent_path(beside) != "/" && is_below(source, beside) &&
         source.substr(beside.size()).find("/.") == std::string::npos;
}

struct HostPath {
  std::string_view path;
  std::string_view reason;  // why it may be left out
  std::string_view help;
};

// Mounts of this machine that a task can do without.
constexpr std::array<HostPath, 4> kDispensable = {{
    {"/etc/localtime", "a task's clock is in UTC", "set `TZ` in `environment`"},
    {"/etc/timezone", "a task's clock is in UTC", "set `TZ` in `environment`"},
    {"/usr/share/zoneinfo", "a task's clock is in UTC", "set `TZ` in `environment`"},
    {"/dev/shm", "a container has 64 MiB of its own there", ""},
}};

bool leave_out_host_path(Builder& builder, const compose::Mount& mount, const std::string& source) {
  for (const HostPath& row : kDispensable) {
    if (is_below(source, row.path)) {
      builder.warning("convert.ignored",
                      mount.span,
                      "the mount of `" + source + "` is left out: " + std::string(row.reason),
                      std::string(row.help));
      return true;
    }
  }
  if (util::base_name(source) == ".aws") {
    builder.warning(
        "convert.ignored",
        mount.span,
        "the mount of `" + source + "` is left out: a task has the credentials of its role",
        "say what it may do with `x-aws-policies` or `x-aws-role`");
    return true;
  }
  return false;
}

void refuse(Builder& builder, const compose::Mount& mount, std::string why, std::string help) {
  builder.error("convert.bind-mount",
                mount.span,
                "the mount at `" + mount.target + "` cannot be converted: " + std::move(why),
                std::move(help));
}

void refuse_host_path(Builder& builder, const compose::Mount& mount, const std::string& source) {
  if (util::base_name(source) == "docker.sock") {
    refuse(builder,
           mount,
           "there is no Docker Engine in a task",
           "leave the service out (`profiles`), or the mount (`x-aws-bind: ignore`)");
    return;
  }
  refuse(
      builder,
      mount,
      "`" + source + "` is a path of this machine, which a task does not have",
      "use a named volume for data, copy files into the project or the image, or say `x-aws-bind: "
      "ignore` or `scratch`");
}

// Of a service that is built: the folder of its sources, which replaces the image's own while one
// develops.
bool is_development_mount(const compose::Service& service,
                          const std::string& source,
                          const compose::Mount& mount) {
  return service.build && !mount.read_only && util::is_absolute_path(service.build->context) &&
         (is_below(source, service.build->context) || is_below(service.build->context, source));
}

bool holds_private_key(const util::TreeFile& file) {
  const std::string head = file.content.substr(0, 4096);
  return head.find("-----BEGIN ") != std::string::npos &&
         head.find("PRIVATE KEY-----") != std::string::npos;
}

bool refuse_private(Builder& builder, const compose::Mount& mount, const util::FileTree& tree) {
  const auto file = std::find_if(tree.files.begin(), tree.files.end(), holds_private_key);
  if (file == tree.files.end()) {
    return false;
  }
  builder.error("convert.private-file",
                mount.span,
                "the mount at `" + mount.target + "` holds a private key (" +
                    (file->path.empty() ? "the file" : "`" + file->path + "`") +
                    "), which would stand in the template for everybody to read",
                "make it a secret: `secrets`, with `file` and `target`");
  return true;
}

void report_unreadable(Builder& builder,
                       const compose::Mount& mount,
                       const std::string& source,
                       const util::FileError& error) {
  if (error.code == EFBIG) {
    refuse(builder,
           mount,
           "`" + source + "` is too large to travel in a task definition (" +
               std::to_string(kMostFileBytes / 1024) + " KiB and " + std::to_string(kMostFiles) +
               " files are the limit)",
           "copy it into the image, keep it in a named volume, or say `x-aws-bind: ignore`");
    return;
  }
  if (error.code == ENOENT && !mount.read_only) {
    refuse(builder,
           mount,
           "`" + source + "` does not exist: as a place for data it would end with each task",
           "use a named volume, or say `x-aws-bind: volume`; `scratch` gives an empty folder");
    return;
  }
  refuse(builder, mount, "cannot read `" + source + "`: " + error.message, "");
}

std::optional<BoundFiles> read_bound(Builder& builder,
                                     const compose::Mount& mount,
                                     const std::string& source) {
  auto tree = builder.read_tree(source);
  if (!tree) {
    report_unreadable(builder, mount, source, tree.error());
    return std::nullopt;
  }
  if (tree->kind == util::FileKind::other) {
    refuse(builder, mount, "`" + source + "` is neither a file nor a folder", "");
    return std::nullopt;
  }
  if (refuse_private(builder, mount, *tree)) {
    return std::nullopt;
  }
  if (tree->files.empty() && !mount.read_only) {
    refuse(builder,
           mount,
           "`" + source + "` is empty: as a place for data it would end with each task",
           "use a named volume, or say `x-aws-bind: volume`; `scratch` gives an empty folder");
    return std::nullopt;
  }
  if (!mount.read_only && tree->kind == util::FileKind::directory) {
    builder.warning("convert.approximated",
                    mount.span,
                    "each task gets a copy of the files for `" + mount.target +
                        "`: what it writes there ends with it",
                    "say `:ro`, or use a named volume");
  }
  return BoundFiles{std::move(*tree), mount.read_only};
}

}  // namespace

bool is_scratch(const compose::Project& project,
                const compose::Service& service,
                const compose::Mount& mount) {
  return std::holds_alternative<compose::BindMount>(mount.source) &&
         wishes(wish(project, service, mount), "scratch");
}

std::string bind_volume_key(const compose::Project& project,
                            const compose::Service& service,
                            const compose::Mount& mount) {
  const auto* bind = std::get_if<compose::BindMount>(&mount.source);
  if (bind == nullptr || !wishes(wish(project, service, mount), "volume")) {
    return {};
  }
  std::string key = "bind";
  for (const char c : "/" + util::relative_path(project.working_dir, bind->source.value)) {
    if (util::is_alnum(c) || c == '/') {
      key += c == '/' ? '-' : c;
    } else {
      key += "_" + util::hex(std::string(1, c));
    }
  }
  return key;
}

std::optional<BoundFiles> bound_files(Builder& builder,
                                      const compose::Service& service,
                                      const compose::Mount& mount) {
  const std::string& source = std::get<compose::BindMount>(mount.source).source.value;
  const doc::Node* wished = wish(builder.project(), service, mount);
  if (wishes(wished, "ignore") || wishes(wished, "scratch") || wishes(wished, "volume")) {
    return std::nullopt;
  }
  const bool as_files = wishes(wished, "files");
  if (wished != nullptr && !as_files) {
    builder.error("convert.bad-extension",
                  wished->span,
                  "`x-aws-bind` must be `files`, `volume`, `scratch` or `ignore`");
    return std::nullopt;
  }
  if (!as_files && leave_out_host_path(builder, mount, source)) {
    return std::nullopt;
  }
  if (!as_files && !is_of_project(builder.project(), source)) {
    refuse_host_path(builder, mount, source);
    return std::nullopt;
  }
  if (!as_files && is_development_mount(service, source, mount)) {
    const auto tree = builder.read_tree(source);
    if (!tree || tree->kind != util::FileKind::regular) {
      builder.warning(
          "convert.ignored",
          mount.span,
          "the mount at `" + mount.target + "` is left out: the image is built from these files",
          "if it is not, say `x-aws-bind: files`");
      return std::nullopt;
    }
  }
  return read_bound(builder, mount, source);
}

}  // namespace convert
