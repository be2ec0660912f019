// Runs the create and update scenarios that were recorded on AWS (by LocalStack, Apache-2.0)
// through the engine and compares change sets and events. The recordings are not part of this
// repository: the path is the one argument.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

#include "awsapi/cloudformation.hpp"
#include "awsapi/ssm.hpp"
#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"
#include "local/actions/cloudformation.hpp"
#include "support/fake_context.hpp"
#include "util/strings.hpp"

namespace {

namespace cfn = awsapi::cloudformation;
namespace ssm = awsapi::ssm;

struct ParameterStore {
  std::map<std::string, std::string> held;

  void add_actions(local::ActionTable& actions) {
    actions.add<ssm::GetParameterRequest>(
        [this](const auto& r) -> util::Result<ssm::GetParameterResponse, local::ApiError> {
          if (!held.contains(r.name)) {
            return util::unexpected(local::ApiError{"ParameterNotFound", "", 400});
          }
          ssm::GetParameterResponse out;
          out.parameter.emplace();
          out.parameter->value = held[r.name];
          return out;
        });
    actions.add<ssm::PutParameterRequest>(
        [this](const auto& r) -> util::Result<ssm::PutParameterResponse, local::ApiError> {
          held[r.name] = r.value;
          return ssm::PutParameterResponse{};
        });
    actions.add<ssm::DeleteParameterRequest>(
        [this](const auto& r) -> util::Result<ssm::DeleteParameterResponse, local::ApiError> {
          held.erase(r.name);
          return ssm::DeleteParameterResponse{};
        });
  }
};

std::string without_uids(const std::string& text) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    const std::size_t found = text.find("-uid", at);
    if (found == std::string::npos) {
      return out + text.substr(at);
    }
    out += text.substr(at, found - at);
    at = found + 4;
    while (at < text.size() && util::is_digit(text[at])) {
      ++at;
    }
  }
}

constexpr const char* kStack = "recordedStack";

// Our answers in the recordings' spelling.
std::string normal(std::string text) {
  text = without_uids(text);
  text = util::replace_all(text, "arn:aws:", "arn:<partition>:");
  text = util::replace_all(text, "us-east-1", "<region>");
  text = util::replace_all(text, "000000000000", "111111111111");
  text = util::replace_all(text, kStack, "<stack-name:1>");
  return text;
}

doc::Node normal(const doc::Node& node) {
  return doc::read_json(normal(doc::to_json(node))).value();
}

class Scenario {
 public:
  explicit Scenario(const doc::Node& recorded) : recorded_(recorded) {
    for (const std::string_view key : {"p1", "p2"}) {
      const doc::Node* given = recorded_.find(key);
      const doc::Mapping* map = given != nullptr ? given->as_mapping() : nullptr;
      for (std::size_t i = 0; map != nullptr && i < map->entries.size(); ++i) {
        const std::string* name = map->entries[i].value.as_string();
        if (name != nullptr && name->starts_with("param")) {
          store_.held[*name] = "<parameter-value-1>";
        }
      }
    }
    store_.add_actions(actions_);
    module_ = std::make_unique<local::CloudFormation>(fake_.context, actions_, nullptr);
    module_->add_actions(actions_);
  }

  // The first difference; empty when there is none.
  std::string run() {
    for (const std::string number : {"1", "2"}) {
      if (recorded("create-change-set-" + number) == nullptr) {
        continue;
      }
      if (std::string problem = deploy(number); !problem.empty()) {
        return number + ": " + problem;
      }
    }
    return compare_events();
  }

 private:
  [[nodiscard]] const doc::Node* recorded(const std::string& name) const {
    const doc::Node* all = recorded_.find("recorded");
    return all != nullptr ? all->find(name) : nullptr;
  }

  template <class Request>
  auto call(const Request& request) {
    auto out = actions_.call(request);
    fake_.settle();
    return out;
  }

  std::string deploy(const std::string& number) {
    cfn::CreateChangeSetRequest request;
    request.stack_name = kStack;
    request.change_set_name = "change" + number;
    request.change_set_type = number == "1" ? "CREATE" : "UPDATE";
    request.template_body = doc::to_json(*recorded_.find("t" + number));
    request.capabilities = {"CAPABILITY_NAMED_IAM"};
    const doc::Node* parameters = recorded_.find("p" + number);
    const doc::Mapping* map = parameters != nullptr ? parameters->as_mapping() : nullptr;
    for (std::size_t i = 0; map != nullptr && i < map->entries.size(); ++i) {
      cfn::Parameter p;
      p.parameter_key = map->entries[i].key.value;
      p.parameter_value = cloudformation::scalar_text(map->entries[i].value);
      request.parameters.push_back(p);
    }
    if (auto made = call(request); !made) {
      return "create-change-set: " + made.error().message;
    }
    for (const bool values : {true, false}) {
      if (std::string problem = compare_changes(number, values); !problem.empty()) {
        return problem;
      }
    }
    cfn::ExecuteChangeSetRequest execute;
    execute.stack_name = kStack;
    execute.change_set_name = request.change_set_name;
    if (auto done = call(execute); !done) {
      return "execute: " + done.error().message;
    }
    fake_.advance(std::chrono::seconds(2));
    return compare_stack(number);
  }

  std::string compare_stack(const std::string& number) {
    const doc::Node* expected = recorded("post-create-" + number + "-describe");
    cfn::DescribeStacksRequest request;
    request.stack_name = kStack;
    auto stack = call(request);
    const doc::Node* status = expected != nullptr ? expected->find("StackStatus") : nullptr;
    if (status != nullptr && stack && stack->stacks.at(0).stack_status != *status->as_string()) {
      return "status " + stack->stacks.at(0).stack_status + " " +
             stack->stacks.at(0).stack_status_reason.value_or("");
    }
    return "";
  }

  static std::vector<std::string> details_of(const doc::Node& change) {
    std::vector<std::string> out;
    const doc::Node* details = change.find("Details");
    const doc::Sequence* list = details != nullptr ? details->as_sequence() : nullptr;
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
      const doc::Node& d = list->items[i];
      std::string line;
      for (const std::string_view key : {"ChangeSource", "Evaluation", "CausingEntity"}) {
        const doc::Node* value = d.find(key);
        line += value != nullptr ? *value->as_string() + " " : "- ";
      }
      const doc::Node* target = d.find("Target");
      for (const std::string_view key : {"Attribute",
                                         "Name",
                                         "Path",
                                         "RequiresRecreation",
                                         "AttributeChangeType",
                                         "BeforeValue",
                                         "AfterValue"}) {
        const doc::Node* value = target != nullptr ? target->find(key) : nullptr;
        line += value != nullptr ? doc::to_json(*value) + " " : "- ";
      }
      out.push_back(line);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  static doc::Node context_of(const doc::Node& change, std::string_view key) {
    const doc::Node* value = change.find(key);
    if (value == nullptr) {
      return {};
    }
    const std::string* text = value->as_string();
    return text != nullptr ? doc::read_json(*text).value() : *value;
  }

  static std::string compare_change(const doc::Node& expected, const doc::Node& actual) {
    const bool added = *expected.find("Action")->as_string() == "Add";
    for (const std::string_view key : {"Action",
                                       "LogicalResourceId",
                                       "ResourceType",
                                       "Replacement",
                                       "PolicyAction",
                                       "PhysicalResourceId"}) {
      if (added && key == "Replacement") {
        continue;  // AWS's habit changed in the time of the recordings
      }
      const doc::Node* a = expected.find(key);
      const doc::Node* b = actual.find(key);
      if (key == "PhysicalResourceId" && a != nullptr &&
          (a->as_string()->find('<') != std::string::npos || a->as_string()->starts_with("CFN-"))) {
        continue;
      }
      if ((a == nullptr) != (b == nullptr) || (a != nullptr && !doc::equivalent(*a, *b))) {
        return std::string(key) + ": recorded " + (a != nullptr ? doc::to_json(*a) : "nothing") +
               ", ours " + (b != nullptr ? doc::to_json(*b) : "nothing");
      }
    }
    if (details_of(expected) != details_of(actual)) {
      return "Details: recorded\n    " + util::join(details_of(expected), "\n    ") +
             "\n  ours\n    " + util::join(details_of(actual), "\n    ");
    }
    for (const std::string_view key : {"BeforeContext", "AfterContext"}) {
      const doc::Node a = context_of(expected, key);
      const doc::Node b = context_of(actual, key);
      if (!doc::equivalent(a, b)) {
        return std::string(key) + ": recorded " + doc::to_json(a) + ", ours " + doc::to_json(b);
      }
    }
    return "";
  }

  std::string compare_changes(const std::string& number, bool values) {
    const std::string name = "describe-change-set-" + number + (values ? "-prop-values" : "");
    const doc::Node* expected = recorded(name);
    if (expected == nullptr) {
      return "";
    }
    cfn::DescribeChangeSetRequest request;
    request.stack_name = kStack;
    request.change_set_name = "change" + number;
    request.include_property_values = values;
    auto out = call(request);
    if (!out) {
      return name + ": " + out.error().message;
    }
    const doc::Node actual = normal(out->to_node(awsapi::EmptyLists::write));
    const doc::Node* status = expected->find("Status");
    if (status != nullptr && *status->as_string() != *actual.find("Status")->as_string()) {
      return name + " status " + *actual.find("Status")->as_string() + " " +
             out->status_reason.value_or("");
    }
    std::map<std::string, const doc::Node*> ours;
    for (const doc::Node& c : actual.find("Changes")->as_sequence()->items) {
      ours[*c.find("ResourceChange")->find("LogicalResourceId")->as_string()] =
          c.find("ResourceChange");
    }
    const doc::Node* changes = expected->find("Changes");
    const doc::Sequence* list = changes != nullptr ? changes->as_sequence() : nullptr;
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
      const doc::Node& change = *list->items[i].find("ResourceChange");
      const std::string& id = *change.find("LogicalResourceId")->as_string();
      if (!ours.contains(id)) {
        return name + ": no change of " + id;
      }
      if (std::string problem = compare_change(change, *ours[id]); !problem.empty()) {
        return name + " " + id + " " + problem;
      }
      ours.erase(id);
    }
    return ours.empty() ? "" : name + ": a change of " + ours.begin()->first + " too many";
  }

  std::string compare_events() {
    const doc::Node* expected = recorded("per-resource-events");
    const doc::Mapping* map = expected != nullptr ? expected->as_mapping() : nullptr;
    cfn::DescribeStackEventsRequest request;
    request.stack_name = kStack;
    auto all = call(request);
    for (std::size_t i = 0; map != nullptr && i < map->entries.size(); ++i) {
      const std::string& id = map->entries[i].key.value;
      const doc::Sequence* list = map->entries[i].value.as_sequence();
      if (list == nullptr || list->items.empty() || list->items[0].find("EventId") == nullptr) {
        continue;  // collapsed recordings
      }
      std::vector<std::string> theirs;
      for (const doc::Node& e : list->items) {
        const doc::Node* reason = e.find("ResourceStatusReason");
        theirs.push_back(*e.find("ResourceStatus")->as_string() + " " +
                         (reason != nullptr ? *reason->as_string() : ""));
      }
      std::vector<std::string> ours;
      for (const cfn::StackEvent& e : all->stack_events) {
        const bool of_stack = e.resource_type == "AWS::CloudFormation::Stack";
        if (of_stack ? id.starts_with("<stack-name") : e.logical_resource_id == id) {
          ours.push_back(*e.resource_status + " " + e.resource_status_reason.value_or(""));
        }
      }
      if (ours != theirs) {
        return "events of " + id + ": recorded\n    " + util::join(theirs, "\n    ") +
               "\n  ours\n    " + util::join(ours, "\n    ");
      }
    }
    return "";
  }

  const doc::Node& recorded_;
  test::FakeContext fake_;
  local::ActionTable actions_;
  ParameterStore store_;
  std::unique_ptr<local::CloudFormation> module_;
};

bool out_of_scope(const std::string& name) {
  return name.find("transform") != std::string::npos ||
         name.find("Transform") != std::string::npos || name.find("macro") != std::string::npos;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s recordings.json [most failures] [name]\n", argv[0]);
    return 2;
  }
  std::ifstream file(argv[1]);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  auto recordings = doc::read_json(text);
  if (!recordings) {
    std::fprintf(stderr, "%s: %s\n", argv[1], recordings.error().message.c_str());
    return 2;
  }
  std::size_t ran = 0;
  std::size_t failed = 0;
  for (const doc::Entry& entry : recordings->as_mapping()->entries) {
    const std::string& name = entry.key.value;
    if (out_of_scope(name) || (argc > 3 && name.find(argv[3]) == std::string::npos)) {
      continue;
    }
    ++ran;
    const std::string problem = Scenario(entry.value).run();
    if (!problem.empty()) {
      ++failed;
      std::printf("%s\n  %s\n", name.substr(name.rfind("::") + 2).c_str(), problem.c_str());
    }
  }
  std::printf("%zu of %zu recorded scenarios agree\n", ran - failed, ran);
  const auto most = argc > 2 ? util::parse_int(argv[2]).value_or(0) : 0;
  return ran > 0 && failed <= static_cast<std::size_t>(most) ? 0 : 1;
}
