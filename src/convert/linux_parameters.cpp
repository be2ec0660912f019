#include "convert/linux_parameters.hpp"

#include "convert/volumes.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::int64_t kDefaultTmpfsMib = 64;
constexpr std::int64_t kBytesPerMib = 1024 * 1024;

struct TmpfsRequest {
  std::string path;
  std::optional<std::int64_t> size_mib;
  std::vector<std::string> options;
  diag::Span span;
};

std::int64_t mib(std::int64_t bytes) {
  return std::max<std::int64_t>((bytes + kBytesPerMib - 1) / kBytesPerMib, 1);
}

// "64m", "1g", "65536": mount(8)'s size of a tmpfs.
std::optional<std::int64_t> tmpfs_size(std::string_view text) {
  std::int64_t unit = 1;
  if (!text.empty() && !util::is_digit(text.back())) {
    switch (text.back()) {
      case 'k':
      case 'K': unit = 1024; break;
      case 'm':
      case 'M': unit = kBytesPerMib; break;
      case 'g':
      case 'G': unit = 1024 * kBytesPerMib; break;
      default: return std::nullopt;
    }
    text.remove_suffix(1);
  }
  const auto number = util::parse_int(text);
  return number ? std::optional(mib(*number * unit)) : std::nullopt;
}

// "/run:size=64m,mode=755,noexec"
TmpfsRequest parse_tmpfs(const compose::Text& entry) {
  const std::size_t colon = entry.value.find(':');
  TmpfsRequest out{entry.value.substr(0, colon), {}, {}, entry.span};
  if (colon == std::string::npos) {
    return out;
  }
  for (const std::string& option : util::split(entry.value.substr(colon + 1), ',')) {
    if (option.starts_with("size=")) {
      out.size_mib = tmpfs_size(std::string_view(option).substr(5));
    } else if (!option.empty()) {
      out.options.push_back(option);
    }
  }
  return out;
}

// A named volume with `driver_opts: {type: tmpfs, o: "size=64m,uid=1000"}`.
std::optional<TmpfsRequest> tmpfs_of_volume(const compose::Project& project,
                                            const compose::Mount& mount) {
  const auto* use = std::get_if<compose::VolumeMount>(&mount.source);
  if (use == nullptr || !use->source ||
      volume_kind(project, use->source->value) != VolumeKind::tmpfs) {
    return std::nullopt;
  }
  const compose::Volume& volume = project.volumes.at(use->source->value);
  const std::string* options = compose::find(volume.driver_opts, "o");
  return parse_tmpfs(
      {mount.target + ":" + (options == nullptr ? std::string() : *options), mount.span});
}

std::vector<TmpfsRequest> tmpfs_requests(const compose::Project& project,
                                         const compose::Service& service) {
  std::vector<TmpfsRequest> out;
  for (const compose::Text& entry : service.tmpfs) {
    out.push_back(parse_tmpfs(entry));
  }
  for (const compose::Mount& mount : service.mounts) {
    if (auto request = tmpfs_of_volume(project, mount)) {
      out.push_back(std::move(*request));
    }
    if (const auto* tmpfs = std::get_if<compose::TmpfsMount>(&mount.source)) {
      out.push_back({mount.target, {}, {}, mount.span});
      if (tmpfs->size) {
        out.back().size_mib = mib(tmpfs->size->value);
      }
      if (mount.read_only) {
        out.back().options.emplace_back("ro");
      }
    }
  }
  return out;
}

doc::Node tmpfs_node(Builder& builder, const TmpfsRequest& request) {
  if (!request.size_mib) {
    builder.note("convert.approximated",
                 request.span,
                 "the tmpfs at `" + request.path + "` gets 64 MiB: ECS wants a size",
                 "give one: `" + request.path + ":size=128m`");
  }
  Fields out;
  out.add("ContainerPath", request.path).add("Size", request.size_mib.value_or(kDefaultTmpfsMib));
  if (!request.options.empty()) {
    doc::Sequence options;
    for (const std::string& option : request.options) {
      options.items.emplace_back(option);
    }
    out.add("MountOptions", doc::Node(std::move(options)));
  }
  return std::move(out).node();
}

doc::Node capability_names(const std::vector<std::string>& names) {
  doc::Sequence out;
  for (const std::string& name : names) {
    out.items.emplace_back(name);
  }
  return doc::Node(std::move(out));
}

std::string without_prefix(std::string_view capability) {
  const std::string upper = util::to_upper(capability);
  return upper.starts_with("CAP_") ? upper.substr(4) : upper;
}

doc::Node capabilities(Builder& builder, const compose::Service& service) {
  std::vector<std::string> add;
  std::vector<std::string> drop;
  for (const compose::Text& entry : service.cap_add) {
    if (without_prefix(entry.value) == "SYS_PTRACE") {
      add.emplace_back("SYS_PTRACE");
    } else {
      builder.warning(
          "convert.ignored",
          entry.span,
          "capability `" + entry.value + "` is not added: Fargate allows SYS_PTRACE only");
    }
  }
  for (const compose::Text& entry : service.cap_drop) {
    drop.push_back(without_prefix(entry.value));
  }
  Fields out;
  if (!add.empty()) {
    out.add("Add", capability_names(add));
  }
  if (!drop.empty()) {
    out.add("Drop", capability_names(drop));
  }
  return out.empty() ? doc::Node() : std::move(out).node();
}

}  // namespace

doc::Node linux_parameters(Builder& builder, const compose::Service& service) {
  Fields out;
  if (service.init && service.init->value) {
    out.add("InitProcessEnabled", true);
  }
  if (doc::Node caps = capabilities(builder, service); !caps.is_null()) {
    out.add("Capabilities", std::move(caps));
  }
  doc::Sequence tmpfs;
  for (const TmpfsRequest& request : tmpfs_requests(builder.project(), service)) {
    tmpfs.items.push_back(tmpfs_node(builder, request));
  }
  if (!tmpfs.items.empty()) {
    out.add("Tmpfs", doc::Node(std::move(tmpfs)));
  }
  return out.empty() ? doc::Node() : std::move(out).node();
}

}  // namespace convert
