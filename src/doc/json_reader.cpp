#include "doc/json_reader.hpp"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace doc {
namespace {

constexpr std::size_t kMaxJsonDepth = 10'000;

// Builds nodes from RapidJSON's events; the stack holds the open containers.
class Builder {
 public:
  Builder(const rapidjson::MemoryStream& stream, diag::FileId file)
      : stream_(stream), file_(file) {}

  bool Null() { return add(Node{}); }  // NOLINT(readability-identifier-naming): RapidJSON's handler

  bool Bool(bool v) { return add(Node{v}); }  // NOLINT(readability-identifier-naming)

  bool Int(int v) { return add(Node{v}); }  // NOLINT(readability-identifier-naming)

  bool Uint(unsigned v) {
    return add(Node{std::int64_t{v}});
  }  // NOLINT(readability-identifier-naming)

  bool Int64(std::int64_t v) { return add(Node{v}); }  // NOLINT(readability-identifier-naming)

  bool Uint64(std::uint64_t v) {  // NOLINT(readability-identifier-naming)
    return v <= INT64_MAX ? add(Node{static_cast<std::int64_t>(v)})
                          : add(Node{static_cast<double>(v)});
  }

  bool Double(double v) { return add(Node{v}); }  // NOLINT(readability-identifier-naming)

  bool RawNumber(const char* /*v*/, unsigned /*n*/, bool /*copy*/) {  // NOLINT
    return false;
  }

  bool String(const char* v, unsigned n, bool /*copy*/) {  // NOLINT(readability-identifier-naming)
    return add(Node{std::string(v, n)});
  }

  bool Key(const char* v, unsigned n, bool /*copy*/) {  // NOLINT(readability-identifier-naming)
    stack_.back().key = {std::string(v, n), span_here(n + 2)};
    return true;
  }

  bool StartObject() { return open(Node{Mapping{}}); }  // NOLINT(readability-identifier-naming)

  bool StartArray() { return open(Node{Sequence{}}); }  // NOLINT(readability-identifier-naming)

  bool EndObject(unsigned /*n*/) { return close(); }  // NOLINT(readability-identifier-naming)

  bool EndArray(unsigned /*n*/) { return close(); }  // NOLINT(readability-identifier-naming)

  Node take() { return std::move(root_); }

 private:
  struct Open {
    Node node;
    diag::Located<std::string> key;
  };

  [[nodiscard]] std::uint32_t offset() const { return static_cast<std::uint32_t>(stream_.Tell()); }

  [[nodiscard]] diag::Span span_here(std::uint32_t length) const {
    const std::uint32_t end = offset();
    return {file_, end > length ? end - length : 0, end};
  }

  bool open(Node node) {
    if (stack_.size() >= kMaxJsonDepth) {
      return false;
    }
    node.span = {file_, offset(), offset() + 1};  // the bracket is not consumed yet
    stack_.push_back({std::move(node), {}});
    return true;
  }

  bool close() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    node.span.end = offset() + 1;
    return attach(std::move(node));
  }

  bool add(Node node) {
    const std::string* text = node.as_string();
    node.span = span_here(text == nullptr ? 1 : static_cast<std::uint32_t>(text->size() + 2));
    return attach(std::move(node));
  }

  bool attach(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return true;
    }
    Open& top = stack_.back();
    if (Sequence* items = top.node.as_sequence()) {
      items->items.push_back(std::move(node));
      return true;
    }
    Mapping& mapping = *top.node.as_mapping();
    if (Node* existing = mapping.find(top.key.value)) {
      *existing = std::move(node);
    } else {
      mapping.entries.push_back({std::move(top.key), std::move(node)});
    }
    return true;
  }

  const rapidjson::MemoryStream& stream_;
  diag::FileId file_;
  std::vector<Open> stack_;
  Node root_;
};

}  // namespace

util::Result<Node, JsonError> read_json(std::string_view text, diag::FileId file) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  Builder builder(stream, file);
  constexpr unsigned kFlags = rapidjson::kParseFullPrecisionFlag |
                              rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseIterativeFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  if (result.IsError()) {
    const bool deep = result.Code() == rapidjson::kParseErrorTermination;
    return util::unexpected(JsonError{
        deep ? "nested too deeply" : rapidjson::GetParseError_En(result.Code()), result.Offset()});
  }
  return builder.take();
}

}  // namespace doc
