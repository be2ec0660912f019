#pragma once

#include <optional>
#include <string>

#include "convert/builder.hpp"
#include "util/file_tree.hpp"

namespace convert {

// What becomes of a bind mount. A task has no files of this machine, so that what a container needs
// of the project's own files travels in the template, as long as it is small; the rest is left out
// or refused, always with a diagnostic.
struct BoundFiles {
  util::FileTree tree;
  bool read_only = false;
};

// The files that a bind mount brings along; empty when it brings none: it was refused, or is left
// out (`x-aws-bind: ignore`, the sources that the image was built from, the machine's time zone) or
// is a folder of the task (`x-aws-bind: scratch`, see is_scratch).
std::optional<BoundFiles> bound_files(Builder& builder,
                                      const compose::Service& service,
                                      const compose::Mount& mount);

// Whether `x-aws-bind: scratch`, of the mount, the service or the project, makes an empty folder of
// the task of it.
bool is_scratch(const compose::Project& project,
                const compose::Service& service,
                const compose::Mount& mount);

// The key of the named volume that `x-aws-bind: volume` makes of a bind mount: of the path, so that
// services which mount the same folder share it. Empty for other mounts.
std::string bind_volume_key(const compose::Project& project,
                            const compose::Service& service,
                            const compose::Mount& mount);

}  // namespace convert
