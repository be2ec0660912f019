#include "convert/patch.hpp"

#include <optional>
#include <utility>

#include "convert/legacy_ids.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::string_view kPatch = "x-aws-patch";

// RFC 6901; nothing when the text is no pointer.
std::optional<std::vector<std::string>> pointer_of(std::string_view text) {
  if (!text.empty() && text.front() != '/') {
    return std::nullopt;
  }
  std::vector<std::string> out;
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::size_t end = std::min(text.find('/'), text.size());
    std::string token(text.substr(0, end));
    token = util::replace_all(token, "~1", "/");
    out.push_back(util::replace_all(token, "~0", "~"));
    text.remove_prefix(end);
  }
  return out;
}

std::optional<std::size_t> index_of(const doc::Sequence& list, std::string_view token) {
  const auto number = util::parse_int(token);
  const bool canonical = number && std::to_string(*number) == token;
  if (!canonical || *number < 0 || static_cast<std::size_t>(*number) > list.items.size()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(*number);
}

class Patch {
 public:
  Patch(Builder& builder, const LegacyIds& legacy, doc::Node& document)
      : builder_(builder), legacy_(legacy), document_(document) {}

  // False after the first operation that failed: those behind it may build on it.
  bool apply(const doc::Node& operation) {
    operation_ = &operation;
    const auto op = text("op");
    auto path = op ? pointer("path") : std::nullopt;
    if (!op || !path) {
      return false;
    }
    if (*op == "add") {
      const doc::Node* given = value();
      return given != nullptr && add(*path, *given);
    }
    if (*op == "remove") {
      return take(*path).has_value();
    }
    if (*op == "replace") {
      doc::Node* old = at(*path, path->size());
      const doc::Node* given = old == nullptr ? nullptr : value();
      return given != nullptr && (*old = *given, true);
    }
    if (*op == "move" || *op == "copy") {
      return transfer(*op == "move", *path);
    }
    if (*op == "test") {
      return test(*path);
    }
    const auto guess = util::nearest(*op, {"add", "remove", "replace", "move", "copy", "test"});
    return fail(operation.find("op"),
                "`" + *op + "` is no operation of JSON Patch",
                guess ? "did you mean `" + *guess + "`?" : std::string{});
  }

 private:
  using Pointer = std::vector<std::string>;

  bool fail(const doc::Node* where, std::string message, std::string help = {}) {
    const bool placed = where != nullptr && where->span.file.value != 0;
    builder_.error("convert.bad-patch",
                   placed ? where->span : operation_->span,
                   std::move(message),
                   std::move(help));
    return false;
  }

  std::optional<std::string> text(std::string_view name) {
    const doc::Node* node = operation_->find(name);
    if (node == nullptr || node->as_string() == nullptr) {
      fail(node, "an operation of `x-aws-patch` needs `" + std::string(name) + "`, a text");
      return std::nullopt;
    }
    return *node->as_string();
  }

  std::optional<Pointer> pointer(std::string_view name) {
    const auto written = text(name);
    if (!written) {
      return std::nullopt;
    }
    auto out = pointer_of(*written);
    if (!out) {
      fail(operation_->find(name), "a path begins with `/`");
      return std::nullopt;
    }
    if (out->size() > 1 && out->front() == "Resources") {
      (*out)[1] = legacy_.current((*out)[1]);
    }
    return out;
  }

  const doc::Node* value() {
    const doc::Node* given = operation_->find("value");
    if (given == nullptr) {
      fail(nullptr, "this operation needs `value`");
    }
    return given;
  }

  // What the first `length` tokens lead to; null after an error.
  doc::Node* at(const Pointer& path, std::size_t length) {
    doc::Node* node = &document_;
    for (std::size_t i = 0; i < length; ++i) {
      doc::Node* next = child(*node, path[i]);
      if (next == nullptr) {
        missing(*node, path, i);
        return nullptr;
      }
      node = next;
    }
    return node;
  }

  static doc::Node* child(doc::Node& node, const std::string& token) {
    if (doc::Sequence* list = node.as_sequence()) {
      const auto index = index_of(*list, token);
      return index && *index < list->items.size() ? &list->items[*index] : nullptr;
    }
    return node.find(token);
  }

  void missing(const doc::Node& node, const Pointer& path, std::size_t i) {
    const std::string parent =
        "/" + util::join({path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i)}, "/");
    std::vector<std::string> names;
    if (const doc::Mapping* mapping = node.as_mapping()) {
      for (const doc::Entry& entry : mapping->entries) {
        names.push_back(entry.key.value);
      }
    }
    const auto guess = util::nearest(path[i], names);
    fail(operation_->find("path"),
         "the template has no `" + path[i] + "` in " + parent,
         guess ? "did you mean `" + *guess + "`?" : std::string{});
  }

  bool add(const Pointer& path, const doc::Node& given) {
    if (path.empty()) {
      document_ = given;
      return true;
    }
    doc::Node* parent = at(path, path.size() - 1);
    if (parent == nullptr) {
      return false;
    }
    const std::string& last = path.back();
    if (doc::Mapping* mapping = parent->as_mapping()) {
      mapping->set(last, given);
      return true;
    }
    doc::Sequence* list = parent->as_sequence();
    const auto index = list == nullptr  ? std::nullopt
                       : last == "-"    ? std::optional(list->items.size())
                                        : index_of(*list, last);
    if (!index) {
      return fail(operation_->find("path"), "`" + last + "` is no place to add something at");
    }
    list->items.insert(list->items.begin() + static_cast<std::ptrdiff_t>(*index), given);
    return true;
  }

  std::optional<doc::Node> take(const Pointer& path) {
    if (path.empty()) {
      fail(operation_->find("path"), "the whole template cannot be removed");
      return std::nullopt;
    }
    doc::Node* node = at(path, path.size());
    if (node == nullptr) {
      return std::nullopt;
    }
    doc::Node out = std::move(*node);
    doc::Node* parent = at(path, path.size() - 1);
    if (doc::Mapping* mapping = parent->as_mapping()) {
      mapping->erase(path.back());
    } else if (doc::Sequence* list = parent->as_sequence()) {
      const std::size_t index = index_of(*list, path.back()).value_or(0);
      list->items.erase(list->items.begin() + static_cast<std::ptrdiff_t>(index));
    }
    return out;
  }

  bool transfer(bool moves, const Pointer& path) {
    const auto from = pointer("from");
    if (!from) {
      return false;
    }
    const bool inside = path.size() > from->size() && std::equal(from->begin(), from->end(), path.begin());
    if (moves && inside) {
      return fail(operation_->find("path"), "nothing can be moved into itself");
    }
    if (moves) {
      auto taken = take(*from);
      return taken && add(path, *taken);
    }
    const doc::Node* source = at(*from, from->size());
    return source != nullptr && add(path, doc::Node(*source));
  }

  bool test(const Pointer& path) {
    const doc::Node* wanted = value();
    const doc::Node* found = wanted == nullptr ? nullptr : at(path, path.size());
    if (found == nullptr) {
      return false;
    }
    return doc::equivalent(*found, *wanted) ||
           fail(operation_->find("path"), "the template has another value there");
  }

  Builder& builder_;
  const LegacyIds& legacy_;
  doc::Node& document_;
  const doc::Node* operation_ = nullptr;
};

}  // namespace

void apply_patch(Builder& builder, const cloudformation::Template& target, doc::Node& document) {
  const doc::Node* patch = builder.project().extensions.find(kPatch);
  if (patch == nullptr || patch->is_null()) {
    return;
  }
  const doc::Sequence* operations = patch->as_sequence();
  if (operations == nullptr) {
    builder.error("convert.bad-extension", patch->span, "`x-aws-patch` must be a list of operations");
    return;
  }
  const LegacyIds legacy(builder.project(), target);
  Patch run(builder, legacy, document);
  for (const doc::Node& operation : operations->items) {
    if (!run.apply(operation)) {
      return;
    }
  }
}

}  // namespace convert
