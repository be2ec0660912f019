// Loads every case of a corpus of Compose files whose answers from the reference loader are known,
// and compares: status, tree, warnings, and the error's sentence where the reference always gives
// the same one.
//
//   compose_corpus [-v] [-t] [CORPUS [CASE-SUBSTRING]]
//
// CORPUS defaults to $COMPOSE_CORPUS, then ../shared/corpus beside the source tree; without one
// there is nothing to do.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "compose/load.hpp"
#include "diag/diagnostic.hpp"
#include "diag/source_map.hpp"
#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"
#include "util/file_system.hpp"
#include "util/strings.hpp"

namespace {

namespace fs = std::filesystem;

struct Tally {
  int cases = 0;
  int agreed = 0;
  std::vector<double> milliseconds;
};

struct Options {
  bool verbose = false;
  std::string corpus;
  std::string filter;
};

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string text_of(const doc::Node& node, const char* key) {
  const doc::Node* found = node.find(key);
  return found == nullptr || found->as_string() == nullptr ? std::string() : *found->as_string();
}

std::vector<std::string> texts_of(const doc::Node& node, const char* key) {
  std::vector<std::string> out;
  const doc::Node* found = node.find(key);
  if (found != nullptr && found->as_sequence() != nullptr) {
    for (const doc::Node& item : found->as_sequence()->items) {
      out.push_back(*item.as_string());
    }
  }
  return out;
}

// Paths as the corpus writes them: its root is @ROOT@, the parents @ROOT-1@, …
std::string with_markers(std::string text, const fs::path& root) {
  text = util::replace_all(text, root.string(), "@ROOT@");
  int level = 1;
  for (fs::path parent = root.parent_path(); parent != "/"; parent = parent.parent_path()) {
    text = util::replace_all(text, parent.string() + "/", "@ROOT-" + std::to_string(level) + "@/");
    text = util::replace_all(
        text, "\"" + parent.string() + "\"", "\"@ROOT-" + std::to_string(level) + "@\"");
    ++level;
  }
  return text;
}

std::string go_quoted(const std::string& text) {
  return doc::json_quote(text);
}

void mark_paths(doc::Node& node, const fs::path& root) {
  if (std::string* text = node.as_string()) {
    if (text->find('/') != std::string::npos) {
      *text = with_markers(*text, root);
    }
  } else if (doc::Mapping* mapping = node.as_mapping()) {
    for (doc::Entry& entry : mapping->entries) {
      mark_paths(entry.value, root);
    }
  } else if (doc::Sequence* sequence = node.as_sequence()) {
    for (doc::Node& item : sequence->items) {
      mark_paths(item, root);
    }
  }
}

// The first place where two trees differ, as text.
std::string difference(const doc::Node& want, const doc::Node& got, const std::string& path) {
  if (doc::equivalent(want, got)) {
    return {};
  }
  if (want.as_mapping() != nullptr && got.as_mapping() != nullptr) {
    for (const doc::Entry& entry : want.as_mapping()->entries) {
      const doc::Node* other = got.find(entry.key.value);
      if (other == nullptr) {
        return path + "." + entry.key.value + ": missing, want " + doc::to_json(entry.value);
      }
      if (std::string text = difference(entry.value, *other, path + "." + entry.key.value);
          !text.empty()) {
        return text;
      }
    }
    for (const doc::Entry& entry : got.as_mapping()->entries) {
      if (want.find(entry.key.value) == nullptr) {
        return path + "." + entry.key.value + ": unwanted " + doc::to_json(entry.value);
      }
    }
  }
  if (want.as_sequence() != nullptr && got.as_sequence() != nullptr &&
      want.as_sequence()->items.size() == got.as_sequence()->items.size()) {
    for (std::size_t i = 0; i < want.as_sequence()->items.size(); ++i) {
      if (std::string text = difference(want.as_sequence()->items[i],
                                        got.as_sequence()->items[i],
                                        path + "[" + std::to_string(i) + "]");
          !text.empty()) {
        return text;
      }
    }
  }
  return path + ": want " + doc::to_json(want) + "\n         got " + doc::to_json(got);
}

class Case {
 public:
  Case(const doc::Node& node, const Options& options)
      : node_(node), root_(fs::canonical(options.corpus)) {}

  // Empty when both loaders agree.
  std::string run(double& milliseconds) {
    compose::LoadRequest request;
    request.current_dir = (root_ / text_of(node_, "dir")).lexically_normal().string();
    if (request.current_dir.ends_with('/')) {
      request.current_dir.pop_back();
    }
    request.environment = {{"HOME", "/home/u"}, {"PATH", "/bin"}, {"PWD", request.current_dir}};
    if (const doc::Node* env = node_.find("env"); env != nullptr && env->as_mapping() != nullptr) {
      for (const doc::Entry& entry : env->as_mapping()->entries) {
        request.environment[entry.key.value] = *entry.value.as_string();
      }
    }
    for (const std::string& item : texts_of(node_, "env")) {
      request.environment[item.substr(0, item.find('='))] = item.substr(item.find('=') + 1);
    }
    request.files = texts_of(node_, "files");
    request.profiles = texts_of(node_, "profiles");
    for (const std::string& arg : texts_of(node_, "args")) {
      request.check_consistency = request.check_consistency && arg != "-no-consistency";
      request.interpolate = request.interpolate && arg != "-no-interpolate";
    }
    request.drop_unused_resources = true;  // as docker compose does
    diag::SourceMap sources;
    diag::Bag problems;
    const util::RealFileSystem files;
    const auto start = std::chrono::steady_clock::now();
    std::optional<doc::Node> tree = compose::load_model(request, files, sources, problems);
    milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    if (text_of(node_, "status") == "error") {
      return compare_error(tree.has_value(), problems);
    }
    if (!tree) {
      return "refused: " + first_error(problems);
    }
    mark_paths(*tree, root_);
    const util::Result<doc::Node, doc::JsonError> want =
        doc::read_json(read_text(root_ / text_of(node_, "expected")));
    const std::string text = difference(*want, *tree, "");
    return text.empty() ? compare_warnings(problems) : text;
  }

 private:
  std::string first_error(const diag::Bag& problems) {
    for (const diag::Diagnostic& each : problems.all()) {
      if (each.severity == diag::Severity::error) {
        return with_markers(each.message, root_);
      }
    }
    return "(no error)";
  }

  std::string compare_error(bool loaded, const diag::Bag& problems) {
    const std::string want = text_of(node_, "error").substr(7);
    if (loaded) {
      return "accepted, want: " + want;
    }
    const doc::Node* stable = node_.find("stable");
    if (stable != nullptr && !*stable->as_bool()) {
      return {};
    }
    for (const diag::Diagnostic& each : problems.all()) {
      if (each.severity == diag::Severity::error && with_markers(each.message, root_) == want) {
        return {};
      }
    }
    return "error differs, want: " + want + "\n                 got: " + first_error(problems);
  }

  std::string compare_warnings(const diag::Bag& problems) {
    std::vector<std::string> got;
    for (const diag::Diagnostic& each : problems.all()) {
      if (each.severity == diag::Severity::warning) {
        got.push_back("level=warning msg=" + go_quoted(with_markers(each.message, root_)));
      }
    }
    std::vector<std::string> want = texts_of(node_, "warnings");
    std::sort(got.begin(), got.end());
    std::sort(want.begin(), want.end());
    if (got == want) {
      return {};
    }
    std::vector<std::string> missing;
    std::vector<std::string> extra;
    std::set_difference(
        want.begin(), want.end(), got.begin(), got.end(), std::back_inserter(missing));
    std::set_difference(
        got.begin(), got.end(), want.begin(), want.end(), std::back_inserter(extra));
    return "warnings differ, missing: " + util::join(missing, " | ") +
           "\n                   extra: " + util::join(extra, " | ");
  }

  const doc::Node& node_;
  fs::path root_;
};

int run(const Options& options) {
  std::map<std::string, Tally> tallies;
  int shown = 0;
  for (const fs::directory_entry& file : fs::directory_iterator(options.corpus)) {
    const std::string name = file.path().filename().string();
    if (!name.starts_with("cases-") || !name.ends_with(".jsonl")) {
      continue;
    }
    std::istringstream lines(read_text(file.path()));
    for (std::string line; std::getline(lines, line);) {
      const util::Result<doc::Node, doc::JsonError> node = doc::read_json(line);
      const std::string id = text_of(*node, "id");
      if (id.find(options.filter) == std::string::npos) {
        continue;
      }
      Tally& tally = tallies[text_of(*node, "tier")];
      double milliseconds = 0;
      const std::string text = Case(*node, options).run(milliseconds);
      tally.milliseconds.push_back(milliseconds);
      ++tally.cases;
      tally.agreed += text.empty() ? 1 : 0;
      if (!text.empty() && (options.verbose || ++shown <= 20)) {
        std::printf("%s\n    %s\n", id.c_str(), text.c_str());
      }
    }
  }
  bool all = true;
  for (auto& [tier, tally] : tallies) {
    std::sort(tally.milliseconds.begin(), tally.milliseconds.end());
    std::printf("%-16s %3d of %3d agree, median %.3f ms\n",
                tier.c_str(),
                tally.agreed,
                tally.cases,
                tally.milliseconds[tally.milliseconds.size() / 2]);
    all = all && tally.agreed == tally.cases;
  }
  return all ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "-v") {
      options.verbose = true;
    } else {
      (options.corpus.empty() ? options.corpus : options.filter) = arg;
    }
  }
  if (options.corpus.empty()) {
    const char* variable = std::getenv("COMPOSE_CORPUS");
    options.corpus = variable == nullptr ? "../shared/corpus" : variable;
  }
  if (!fs::is_directory(options.corpus)) {
    std::printf("no corpus at %s: nothing compared\n", options.corpus.c_str());
    return 77;
  }
  return run(options);
}
