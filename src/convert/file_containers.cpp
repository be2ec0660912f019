#include <algorithm>
#include <array>
#include <cstdio>

#include "convert/container.hpp"
#include "convert/extensions.hpp"
#include "convert/logging.hpp"
#include "convert/naming.hpp"
#include "convert/task_files.hpp"
#include "util/gzip.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"
#include "util/utf8.hpp"

namespace convert {
namespace {

// Public, for every architecture that ECS has; the digest is the index's.
constexpr std::string_view kInitImage =
    "public.ecr.aws/docker/library/busybox:1.36.1"
    "@sha256:73aaf090f3d85aa34ee199857f03fa3a95c8ede2ffd4cc2cdb5b94e566b11662";

// A task definition may have 64 KiB in all.
constexpr std::size_t kMostEncodedBytes = std::size_t{40} * 1024;
// Up to here the files stand in the template as they are, for people to read.
constexpr std::size_t kMostPlainBytes = std::size_t{16} * 1024;
constexpr std::size_t kWorthPacking = 512;

std::string quoted(std::string_view text) {
  return "'" + util::replace_all(text, "'", "'\\''") + "'";
}

bool is_plain(std::string_view content) {
  const bool controls = std::any_of(content.begin(), content.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
  });
  return !controls && util::is_utf8(content) &&
         content.find("{{resolve:") == std::string_view::npos;
}

enum class Encoding : std::uint8_t { plain, base64, packed };

struct Encoded {
  Encoding encoding = Encoding::plain;
  std::string text;
};

Encoded encode(const std::string& content, bool pack) {
  if (pack && content.size() > kWorthPacking) {
    return {Encoding::packed, util::base64(util::gzip(content))};
  }
  return is_plain(content) ? Encoded{Encoding::plain, content}
                           : Encoded{Encoding::base64, util::base64(content)};
}

// Where a path of the service's container is in the containers that run before.
std::string place_of(const TaskFiles& files, const std::string& path) {
  for (std::size_t i = 0; i < files.folders.size(); ++i) {
    const FileFolder& folder = files.folders[i];
    if (path == folder.path || path.starts_with(folder.path + "/")) {
      return "/files/" + std::to_string(i + 1) + path.substr(folder.base.size());
    }
  }
  return "/files" + path;
}

std::string write_command(const std::string& variable,
                          Encoding encoding,
                          const std::string& place) {
  const std::string value = "printf %s \"$" + variable + "\"";
  switch (encoding) {
    case Encoding::plain: return value + " > " + place;
    case Encoding::base64: return value + " | base64 -d > " + place;
    case Encoding::packed: break;
  }
  return value + " | base64 -d | gzip -d > " + place;
}

std::string mode_text(std::int64_t mode) {
  std::array<char, 8> digits{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): octal digits
  std::snprintf(digits.data(), digits.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return digits.data();
}

struct Script {
  std::string text = "set -eu\n";
  doc::Sequence environment;
  doc::Sequence secrets;
  std::size_t bytes = 0;
};

void add_file(Script& script,
              const PlannedFile& file,
              const std::string& where,
              bool pack,
              std::size_t number) {
  const std::string variable = "FILE_" + std::to_string(number);
  const std::string place = quoted(where);
  const std::string folder = where.substr(0, where.rfind('/'));
  if (std::count(folder.begin(), folder.end(), '/') > 2) {
    script.text += "mkdir -p " + quoted(folder) + "\n";
  }
  if (!file.value_from.is_null()) {
    script.secrets.items.push_back(
        Fields().add("Name", variable).add("ValueFrom", file.value_from).node());
    script.text += write_command(variable, Encoding::plain, place) + "\n";
  } else if (file.content.empty()) {
    script.text += ": > " + place + "\n";
  } else {
    Encoded encoded = encode(file.content, pack);
    script.bytes += encoded.text.size();
    script.text += write_command(variable, encoded.encoding, place) + "\n";
    script.environment.items.push_back(
        Fields().add("Name", variable).add("Value", std::move(encoded.text)).node());
  }
  if (file.uid != "0" || file.gid != "0") {
    script.text += "chown " + quoted(file.uid + ":" + file.gid) + " " + place + "\n";
  }
  script.text += "chmod " + mode_text(file.mode) + " " + place + "\n";
}

Script make_script(const TaskFiles& files, bool pack) {
  Script script;
  for (const std::string& hidden : files.hidden) {
    const std::string place = quoted(place_of(files, hidden));
    script.text += "rm -rf " + place + "\nmkdir -p " + place + "\n";
  }
  std::size_t number = 0;
  for (const PlannedFile& file : files.files) {
    add_file(script, file, place_of(files, file.path), pack, ++number);
  }
  return script;
}

Script small_script(Builder& builder, const compose::Service& service, const TaskFiles& files) {
  std::size_t plain = 0;
  for (const PlannedFile& file : files.files) {
    plain += file.content.size();
  }
  Script script = make_script(files, plain > kMostPlainBytes);
  if (script.bytes + script.text.size() > kMostEncodedBytes) {
    const auto largest = std::max_element(
        files.files.begin(), files.files.end(), [](const PlannedFile& a, const PlannedFile& b) {
          return a.content.size() < b.content.size();
        });
    builder.error("convert.files-too-large",
                  largest->span,
                  "the files of `" + service.name + "` have " + std::to_string(script.bytes) +
                      " bytes when packed: a task definition has room for " +
                      std::to_string(kMostEncodedBytes),
                  "copy them into the image, or keep them in a named volume");
  }
  return script;
}

doc::Node mounts_at_files(const TaskFiles& files, bool only_kept) {
  doc::Sequence out;
  for (std::size_t i = 0; i < files.folders.size(); ++i) {
    if (!only_kept || files.folders[i].keeps_image_files) {
      out.items.push_back(Fields()
                              .add("SourceVolume", files.folders[i].volume)
                              .add("ContainerPath", "/files/" + std::to_string(i + 1))
                              .add("ReadOnly", false)
                              .node());
    }
  }
  return doc::Node(std::move(out));
}

doc::Node wait_for(const std::string& container) {
  return items(Fields().add("ContainerName", container).add("Condition", "SUCCESS").node());
}

void add_logs(const Builder& builder, const compose::Service& service, Fields& out) {
  if (writes_logs(service)) {
    out.add("LogConfiguration", log_configuration(builder, service));
  }
}

// A container of the service's own image that copies what the image has in the folders, so that a
// file can be put beside it.
doc::Node copying_container(Builder& builder,
                            const compose::Service& service,
                            const TaskFiles& files) {
  std::string script = "set -eu\n";
  for (std::size_t i = 0; i < files.folders.size(); ++i) {
    if (files.folders[i].keeps_image_files) {
      const std::string folder = quoted(files.folders[i].path);
      script += "if [ -d " + folder + " ]; then cp -a " + folder + "/. /files/" +
                std::to_string(i + 1) + "/; fi\n";
    }
  }
  Fields out;
  out.add("Name", ecs_name(service.name) + "--seed");
  out.add("Image", image_name(builder.project(), service));
  if (doc::Node credentials = pull_credentials(builder, service); !credentials.is_null()) {
    out.add("RepositoryCredentials", std::move(credentials));
  }
  out.add("Essential", false)
      .add("User", "0")
      .add("EntryPoint", items("sh", "-c"))
      .add("Command", items(script))
      .add("MountPoints", mounts_at_files(files, true));
  add_logs(builder, service, out);
  return std::move(out).node();
}

doc::Node writing_container(Builder& builder,
                            const compose::Service& service,
                            const TaskFiles& files,
                            bool after_copying) {
  Script script = small_script(builder, service, files);
  Fields out;
  out.add("Name", file_container_name(service))
      .add("Image", init_image(builder, service))
      .add("Essential", false)
      .add("User", "0")
      .add("EntryPoint", items("sh", "-c"))
      .add("Command", items(script.text));
  if (!script.environment.items.empty()) {
    out.add("Environment", doc::Node(std::move(script.environment)));
  }
  if (!script.secrets.items.empty()) {
    out.add("Secrets", doc::Node(std::move(script.secrets)));
  }
  out.add("MountPoints", mounts_at_files(files, false));
  if (after_copying) {
    out.add("DependsOn", wait_for(ecs_name(service.name) + "--seed"));
  }
  add_logs(builder, service, out);
  return std::move(out).node();
}

}  // namespace

std::string init_image(Builder& builder, const compose::Service& service) {
  for (const compose::Extensions* extensions :
       {&service.extensions, &builder.project().extensions}) {
    if (const auto image = text_extension(builder, *extensions, "x-aws-init_image")) {
      return *image;
    }
  }
  return std::string(kInitImage);
}

std::vector<doc::Node> file_containers(Builder& builder,
                                       const compose::Service& service,
                                       const TaskFiles& files) {
  std::vector<doc::Node> out;
  if (files.files.empty() && files.hidden.empty()) {
    return out;
  }
  const bool copies =
      std::any_of(files.folders.begin(), files.folders.end(), [](const FileFolder& folder) {
        return folder.keeps_image_files;
      });
  if (copies) {
    out.push_back(copying_container(builder, service, files));
  }
  out.push_back(writing_container(builder, service, files, copies));
  return out;
}

}  // namespace convert
