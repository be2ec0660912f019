#pragma once

#include <string>
#include <vector>

#include "convert/builder.hpp"

namespace convert {

// Files that exist before a container starts: Compose secrets and configs, and the project's files
// that it mounts. ECS has no such thing, and mounts whole volumes only; so a container that runs
// first writes them into volumes of the task, which the service's container mounts. Where a single
// file goes into a folder that the image has, a container of that image copies the folder first.
struct PlannedFile {
  std::string path;      // in the container
  std::string content;   // unless `value_from` is set
  doc::Node value_from;  // of a secret
  std::string uid = "0";
  std::string gid = "0";
  std::int64_t mode = 0444;
  diag::Span span;
};

struct FileFolder {
  std::string path;    // in the container
  std::string volume;  // of the task
  bool read_only = true;
  bool keeps_image_files = false;
  bool own_volume = true;  // false: of a named volume that the container mounts anyway
  std::string base;        // where the volume is mounted: `path`, or above it
};

struct TaskFiles {
  std::vector<PlannedFile> files;
  std::vector<FileFolder> folders;  // none inside another
  std::vector<std::string> hidden;  // folders inside those, whose image files must not show
  std::vector<const compose::FileObject*> read;  // secrets and parameters that are read for them
};

// Reports what cannot be had.
TaskFiles plan_task_files(Builder& builder, const compose::Service& service);

// `Volumes` of the task, `MountPoints` and `DependsOn` of the service's container.
void add_file_volumes(doc::Sequence& volumes, const TaskFiles& files);
void add_file_mounts(doc::Sequence& mounts, const TaskFiles& files);

// The containers that run first, in their order; the last one is what the service waits for.
std::vector<doc::Node> file_containers(Builder& builder,
                                       const compose::Service& service,
                                       const TaskFiles& files);
std::string file_container_name(const compose::Service& service);

// A small image with a shell: `x-aws-init_image`, else a public one.
std::string init_image(Builder& builder, const compose::Service& service);

}  // namespace convert
