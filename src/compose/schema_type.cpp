#include "compose/schema_type.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>

#include "compose/schema.hpp"
#include "compose/table_text.hpp"

namespace compose {
namespace {

// Reads the table. A fault in it is a fault of this program; the tests read all of it.
class TableReader : TableText {
 public:
  explicit TableReader(std::string_view text, std::deque<Schema>& schemas)
      : TableText(text), schemas_(schemas) {}

  const Schema* read() {
    for (skip(); !rest_.empty(); skip()) {
      const std::string_view name = word();
      expect('=');
      *named(name) = *alternatives();
    }
    return named("document");
  }

 private:
  void expect(char c) { accept(c); }

  std::string_view word() { return TableText::word("-+"); }

  Schema* make() { return &schemas_.emplace_back(); }

  Schema* named(std::string_view name) {
    Schema*& slot = named_[name];
    return slot != nullptr ? slot : slot = make();
  }

  const Schema* alternatives() {
    if (!accept('(')) {
      return types();
    }
    Schema* out = make();
    do {
      out->one_of.push_back(types());
    } while (accept('/'));
    expect(')');
    return out;
  }

  const Schema* types() {
    Schema* out = make();
    do {
      one(*out);
    } while (accept('|'));
    return out;
  }

  void one(Schema& out) {
    if (accept('@')) {
      out.same_as = named(word());
    } else if (accept('(')) {
      do {
        out.one_of.push_back(types());
      } while (accept('/'));
      expect(')');
    } else if (accept('[')) {
      out.types |= kArray;
      out.items = alternatives();
      expect(']');
      out.unique_items = accept('!');
    } else if (accept('{')) {
      out.types |= kObject;
      while (!accept('}')) {
        member(out);
        accept(',');
      }
      std::sort(out.properties.begin(), out.properties.end());
    } else {
      scalar(out);
    }
  }

  void scalar(Schema& out) {
    const std::string_view name = word();
    for (const auto& [type, bit] : kScalarTypes) {
      out.types |= type == name ? bit : 0U;
    }
    if (accept('=')) {
      do {
        out.words.push_back(word());
      } while (accept(';'));
    }
    while (rest_.starts_with('>') || rest_.starts_with('<')) {
      const bool least = rest_.front() == '>';
      rest_.remove_prefix(2);
      double limit = 0;
      const std::string_view number = word();
      std::from_chars(number.data(), number.data() + number.size(), limit);
      (least ? out.minimum : out.maximum) = limit;
    }
    if (rest_.starts_with('~')) {
      rest_.remove_prefix(1);
      out.pattern = word() == "container" ? TextPattern::container_name : TextPattern::pull_policy;
    }
  }

  void member(Schema& out) {
    if (accept('.')) {
      rest_.remove_prefix(2);
      out.open = true;
      return;
    }
    if (accept('~')) {
      const std::string_view form = word();
      if (form == "x") {
        out.patterns.emplace_back(KeyForm::extension, nullptr);
        return;
      }
      expect(':');
      const KeyForm key = form == "name"  ? KeyForm::name
                          : form == "any" ? KeyForm::any
                                          : KeyForm::lower;
      out.patterns.emplace_back(key, alternatives());
      return;
    }
    const std::string_view key = word();
    if (accept('*')) {
      out.required.push_back(key);
    }
    expect(':');
    out.properties.emplace_back(key, alternatives());
  }

  std::deque<Schema>& schemas_;
  std::map<std::string_view, Schema*> named_;
};

}  // namespace

const Schema& document_schema() {
  static std::deque<Schema> schemas;
  static const Schema* root = TableReader(schema_table(), schemas).read();
  return *root;
}

}  // namespace compose
