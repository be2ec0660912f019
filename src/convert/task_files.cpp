#include "convert/task_files.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "convert/bind_mounts.hpp"
#include "convert/naming.hpp"
#include "convert/secrets.hpp"
#include "util/file_path.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

// Folders that an image cannot do without, or that the platform fills.
constexpr std::array<std::string_view, 16> kNeverMounted = {"/",
                                                            "/bin",
                                                            "/dev",
                                                            "/etc",
                                                            "/lib",
                                                            "/lib64",
                                                            "/proc",
                                                            "/root",
                                                            "/sbin",
                                                            "/sys",
                                                            "/usr",
                                                            "/usr/bin",
                                                            "/usr/lib",
                                                            "/usr/local",
                                                            "/usr/sbin",
                                                            "/var"};

// Folders that images leave empty: nothing of theirs is lost below a mount.
constexpr std::array<std::string_view, 5> kEmptyInImages = {"/docker-entrypoint-initdb.d",
                                                            "/mnt",
                                                            "/run",
                                                            "/tmp",
                                                            "/var/run"};

bool is_at_or_below(std::string_view path, std::string_view folder) {
  return path == folder ||
         (path.starts_with(folder) && path.substr(folder.size()).starts_with("/"));
}

bool keeps_image_files(const compose::Service& service, std::string_view folder) {
  const doc::Node* wish = service.extensions.find("x-aws-keep_image_files");
  if (wish != nullptr && wish->as_bool() != nullptr) {
    return *wish->as_bool();
  }
  return std::none_of(kEmptyInImages.begin(), kEmptyInImages.end(), [&](std::string_view empty) {
    return is_at_or_below(folder, empty);
  });
}

class Planner {
 public:
  Planner(Builder& builder, const compose::Service& service)
      : builder_(builder), service_(service) {}

  void add_secrets() {
    for (const compose::FileReference& reference : service_.secrets) {
      const auto at = builder_.project().secrets.find(reference.source.value);
      if (at == builder_.project().secrets.end()) {
        continue;
      }
      read_.push_back(&at->second);
      const doc::Node* also = reference.extensions.find("x-aws-file");
      if (reference.extensions.find("x-aws-env") == nullptr ||
          (also != nullptr && also->as_bool() != nullptr && *also->as_bool())) {
        add_secret(reference, at->second);
      }
    }
  }

  void add_configs() {
    for (const compose::FileReference& reference : service_.configs) {
      const auto at = builder_.project().configs.find(reference.source.value);
      if (at == builder_.project().configs.end()) {
        continue;
      }
      const std::string target =
          reference.target.empty() ? "/" + reference.source.value : reference.target;
      PlannedFile file = planned(reference, target);
      if (at->second.external) {
        read_.push_back(&at->second);
        file.value_from = value_from(builder_, at->second, "", reference.span);
      } else if (!read_config(at->second, file.content)) {
        continue;
      }
      add_single(std::move(file));
    }
  }

  void add_binds() {
    for (const compose::Mount& mount : service_.mounts) {
      if (!std::holds_alternative<compose::BindMount>(mount.source)) {
        continue;
      }
      if (is_scratch(builder_.project(), service_, mount)) {
        add_folder(mount.target, mount.read_only, mount.span);
      } else if (auto bound = bound_files(builder_, service_, mount)) {
        add_bound(mount, std::move(*bound));
      }
    }
  }

  TaskFiles finish() {
    TaskFiles out;
    out.files = std::move(files_);
    out.read = std::move(read_);
    for (const auto& [path, root] : roots_) {
      const auto above = std::find_if(out.folders.begin(), out.folders.end(), [&](const auto& f) {
        return is_at_or_below(path, f.path);
      });
      if (above != out.folders.end()) {
        above->read_only = above->read_only && root.read_only;
        if (!root.keeps_image_files) {
          out.hidden.push_back(path);
        }
        continue;
      }
      add_root(out, path, root);
    }
    return out;
  }

 private:
  struct Root {
    bool read_only = true;
    bool keeps_image_files = false;
    diag::Span span;
  };

  static PlannedFile planned(const compose::FileReference& reference, std::string target) {
    PlannedFile out;
    out.path = util::clean_path(target);
    out.uid = reference.uid.empty() ? "0" : reference.uid;
    out.gid = reference.gid.empty() ? "0" : reference.gid;
    out.mode = reference.mode ? reference.mode->value : 0444;
    out.span = reference.span;
    return out;
  }

  void add_secret(const compose::FileReference& reference, const compose::FileObject& secret) {
    const std::string given = reference.target.empty() ? reference.source.value : reference.target;
    const std::string target = util::absolute_path("/run/secrets", given);
    const std::vector<std::string> keys = secret_keys(builder_, secret);
    if (keys.empty() && secret.extensions.find("x-aws-keys") == nullptr) {
      PlannedFile file = planned(reference, target);
      file.value_from = value_from(builder_, secret, "", reference.span);
      add_single(std::move(file));
    }
    for (const std::string& key : keys) {
      PlannedFile file = planned(reference, target + "/" + key);
      file.value_from = value_from(builder_, secret, key, reference.span);
      add_single(std::move(file));
    }
  }

  bool read_config(const compose::FileObject& config, std::string& content) {
    if (config.content) {
      content = config.content->value;
      return true;
    }
    if (!config.file) {
      return false;
    }
    auto tree = builder_.read_tree(config.file->value);
    if (!tree || tree->kind != util::FileKind::regular) {
      builder_.error("convert.config-file",
                     config.file->span,
                     "config `" + config.key + "`: cannot read `" + config.file->value + "`" +
                         (tree ? ": it is not a file" : ": " + tree.error().message));
      return false;
    }
    content = std::move(tree->files.front().content);
    return true;
  }

  // A file that goes into a folder which may be the image's.
  void add_single(PlannedFile file) {
    const std::string folder = util::parent_path(file.path);
    const bool secrets = is_at_or_below(folder, "/run/secrets");
    if (std::find(kNeverMounted.begin(), kNeverMounted.end(), folder) != kNeverMounted.end()) {
      builder_.error("convert.file-place",
                     file.span,
                     "the file `" + file.path +
                         "` cannot be put there: ECS mounts whole folders, and `" + folder +
                         "` must stay the image's",
                     "give it a folder of its own, such as `/config" +
                         (folder == "/" ? file.path : file.path.substr(folder.size())) + "`");
      return;
    }
    const bool keeps = !secrets && keeps_image_files(service_, folder);
    add_root_of(secrets ? "/run/secrets" : folder, !keeps, keeps, file.span);
    files_.push_back(std::move(file));
  }

  void add_folder(const std::string& target, bool read_only, const diag::Span& span) {
    const std::string folder = util::clean_path(target);
    if (std::find(kNeverMounted.begin(), kNeverMounted.end(), folder) != kNeverMounted.end()) {
      builder_.error("convert.file-place",
                     span,
                     "a folder cannot be mounted at `" + folder + "`: it must stay the image's");
      return;
    }
    add_root_of(folder, read_only, false, span);
  }

  void add_bound(const compose::Mount& mount, BoundFiles bound) {
    const bool single = bound.tree.kind == util::FileKind::regular;
    if (!single) {
      add_folder(mount.target, bound.read_only, mount.span);
    }
    for (util::TreeFile& source : bound.tree.files) {
      PlannedFile file;
      file.path = util::clean_path(single ? mount.target : mount.target + "/" + source.path);
      file.content = std::move(source.content);
      file.mode = source.executable ? 0755 : 0644;
      file.span = mount.span;
      if (single) {
        add_single(std::move(file));
      } else {
        files_.push_back(std::move(file));
      }
    }
  }

  void add_root_of(const std::string& path, bool read_only, bool keeps, const diag::Span& span) {
    const auto [at, is_new] = roots_.emplace(path, Root{read_only, keeps, span});
    if (!is_new) {
      at->second.read_only = at->second.read_only && read_only;
      at->second.keeps_image_files = at->second.keeps_image_files && keeps;
    }
  }

  // The mount of a volume that the folder is in, if any.
  const compose::Mount* covering_mount(const std::string& path) const {
    const compose::Mount* best = nullptr;
    for (const compose::Mount& mount : service_.mounts) {
      const bool bind = std::holds_alternative<compose::BindMount>(mount.source);
      if (!bind && is_at_or_below(path, util::clean_path(mount.target)) &&
          (best == nullptr || mount.target.size() > best->target.size())) {
        best = &mount;
      }
    }
    return best;
  }

  void add_root(TaskFiles& out, const std::string& path, const Root& root) {
    const compose::Mount* covering = covering_mount(path);
    if (covering == nullptr ||
        (!root.keeps_image_files && util::clean_path(covering->target) != path)) {
      out.folders.push_back(
          {path,
           ecs_name(service_.name) + "--files-" + std::to_string(out.folders.size() + 1),
           root.read_only,
           root.keeps_image_files,
           true,
           path});
      return;
    }
    const auto* volume = std::get_if<compose::VolumeMount>(&covering->source);
    if (volume == nullptr || !volume->source || covering->read_only) {
      builder_.error(
          "convert.file-place",
          root.span,
          "a file for `" + path + "` cannot be put into the mount at `" + covering->target + "`",
          "give the file a folder of its own");
      return;
    }
    out.folders.push_back({path,
                           ecs_name(volume->source->value),
                           false,
                           false,
                           false,
                           util::clean_path(covering->target)});
  }

  Builder& builder_;
  const compose::Service& service_;
  std::vector<PlannedFile> files_;
  std::map<std::string, Root> roots_;
  std::vector<const compose::FileObject*> read_;
};

}  // namespace

TaskFiles plan_task_files(Builder& builder, const compose::Service& service) {
  Planner planner(builder, service);
  planner.add_secrets();
  planner.add_configs();
  planner.add_binds();
  return planner.finish();
}

void add_file_volumes(doc::Sequence& volumes, const TaskFiles& files) {
  for (const FileFolder& folder : files.folders) {
    if (folder.own_volume) {
      volumes.items.push_back(Fields().add("Name", folder.volume).node());
    }
  }
}

void add_file_mounts(doc::Sequence& mounts, const TaskFiles& files) {
  for (const FileFolder& folder : files.folders) {
    if (folder.own_volume) {
      mounts.items.push_back(Fields()
                                 .add("SourceVolume", folder.volume)
                                 .add("ContainerPath", folder.path)
                                 .add("ReadOnly", folder.read_only)
                                 .node());
    }
  }
}

std::string file_container_name(const compose::Service& service) {
  return ecs_name(service.name) + "--files";
}

}  // namespace convert
