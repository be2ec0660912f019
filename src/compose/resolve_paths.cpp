#include "compose/resolve_paths.hpp"

#include <utility>

#include "compose/go_text.hpp"
#include "compose/path.hpp"
#include "compose/rules.hpp"
#include "util/file_path.hpp"

namespace compose {
namespace {

bool is_separator(char c) {
  return c == '/' || c == '\\';
}

bool is_remote_context(std::string_view text) {
  for (const std::string_view prefix :
       {"https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:"}) {
    if (text.starts_with(prefix)) {
      return true;
    }
  }
  return text.find("://") != std::string_view::npos;
}

class PathResolver {
 public:
  PathResolver(const PathContext& context, Problems& problems)
      : context_(context), problems_(problems) {}

  void walk(doc::Node& node, const Place* place) {
    if (place == nullptr || place->all_below().resolve == Resolve::none) {
      return;
    }
    const Resolve rule = rule_at(place).resolve;
    if (rule != Resolve::none) {
      return apply(node, rule);
    }
    if (doc::Mapping* mapping = node.as_mapping()) {
      for (doc::Entry& entry : mapping->entries) {
        walk(entry.value, below(place, entry.key.value));
      }
    } else if (doc::Sequence* sequence = node.as_sequence()) {
      const Place* item = item_of(place);
      for (std::size_t i = 0; item != nullptr && i < sequence->items.size(); ++i) {
        walk(sequence->items[i], item);
      }
    }
  }

 private:
  void apply(doc::Node& node, Resolve rule) {
    switch (rule) {
      case Resolve::none: break;
      case Resolve::plain: return plain(node);
      case Resolve::context:
        if (node.as_string() == nullptr || !is_remote_context(*node.as_string())) {
          plain(node);
        }
        return;
      case Resolve::host: return host(node);
      case Resolve::mount: return mount(node);
      case Resolve::watch: return watch(node);
      case Resolve::driver_options: return driver_options(node);
    }
  }

  // `~` and whatever follows it, up to the end: there is no looking up of other users.
  std::string expand_home(const std::string& path, const diag::Span& span) {
    if (!path.starts_with('~')) {
      return path;
    }
    if (!context_.home || context_.home->empty()) {
      problems_.warning(
          "compose.no-home", "cannot expand '~', because the environment lacks HOME", known(span));
      return path;
    }
    return util::join_path(*context_.home, std::string_view(path).substr(1));
  }

  void plain(doc::Node& node) {
    if (doc::Sequence* items = node.as_sequence()) {
      for (doc::Node& item : items->items) {
        plain(item);
      }
      return;
    }
    std::string* text = node.as_string();
    if (text == nullptr) {
      problems_.stop("compose.invalid-value",
                     "unexpected type " + std::string(type_name(node)),
                     known(node.span));
    }
    *text = expand_home(*text, node.span);
    if (!text->empty() && !util::is_absolute_path(*text)) {
      *text = util::join_path(context_.base, *text);
    }
  }

  void host(doc::Node& node) {
    if (std::string* text = node.as_string()) {
      *text = expand_home(*text, node.span);
      if (!util::is_absolute_path(*text) && !is_windows_absolute(*text)) {
        *text = util::join_path(context_.base, *text);
      }
    }
  }

  void mount(doc::Node& node) {
    const doc::Node* type = node.find("type");
    if (type == nullptr || type->as_string() == nullptr || *type->as_string() != "bind") {
      return;
    }
    doc::Node* source = node.find("source");
    if (source == nullptr) {
      problems_.stop("compose.invalid-value",
                     R"(invalid mount config for type "bind": field Source must not be empty)",
                     known(node.span));
    }
    host(*source);
  }

  void driver_options(doc::Node& node) {
    const doc::Node* driver = node.find("driver");
    doc::Node* options = node.find("driver_opts");
    if (driver == nullptr || options == nullptr || plain_text(*driver) != "local") {
      return;
    }
    const doc::Node* kind = options->find("o");
    doc::Node* device = options->find("device");
    if (device != nullptr && kind != nullptr && plain_text(*kind) == "bind") {
      host(*device);
    }
  }

  // Follows the first symbolic link on the way.
  void watch(doc::Node& node) {
    plain(node);
    std::string* text = node.as_string();
    if (text == nullptr || context_.files == nullptr) {
      return;
    }
    for (std::size_t slash = text->find('/', 1);; slash = text->find('/', slash + 1)) {
      const std::string part = text->substr(0, slash);
      if (const std::optional<std::string> target = final_target(part)) {
        const std::size_t at = text->find(part);
        text->replace(at, part.size(), *target);
        return;
      }
      if (slash == std::string::npos) {
        return;
      }
    }
  }

  [[nodiscard]] std::optional<std::string> final_target(const std::string& path) const {
    std::string current = path;
    for (int hops = 0; hops < 40; ++hops) {
      const std::optional<std::string> target = context_.files->read_link(current);
      if (!target) {
        return hops == 0 ? std::nullopt : std::optional(current);
      }
      current = util::absolute_path(util::parent_path(current), *target);
    }
    return std::nullopt;
  }

  const PathContext& context_;
  Problems& problems_;
};

}  // namespace

bool is_windows_absolute(std::string_view path) {
  if (path.size() >= 2 && path[1] == ':') {
    return path.size() > 2 && is_separator(path[2]);
  }
  return path.size() >= 2 && is_separator(path[0]) && is_separator(path[1]);
}

void resolve_paths(doc::Node& root, const PathContext& context, Problems& problems) {
  PathResolver(context, problems).walk(root, document_place());
}

}  // namespace compose
