#include "cli/commands/compose_facts.hpp"

#include <algorithm>
#include <utility>

#include "cli/commands/compose_endpoint.hpp"
#include "cli/session.hpp"
#include "convert/convert.hpp"
#include "deploy/balancer_facts.hpp"
#include "deploy/network.hpp"
#include "util/overloaded.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

using Parameters = std::map<std::string, std::string>;

deploy::SubnetWish subnet_wish(convert::SubnetKind kind) {
  switch (kind) {
    case convert::SubnetKind::in_public: return deploy::SubnetWish::in_public;
    case convert::SubnetKind::in_private: return deploy::SubnetWish::in_private;
    case convert::SubnetKind::listed: return deploy::SubnetWish::listed;
    case convert::SubnetKind::tagged: return deploy::SubnetWish::tagged;
    case convert::SubnetKind::automatic: break;
  }
  return deploy::SubnetWish::automatic;
}

Failure describe_problem(const deploy::PlacementProblem& problem) {
  return std::visit(util::overloaded{[](const deploy::Refusal& refusal) {
                                       return Failure{refusal.message, refusal.help};
                                     },
                                     [](const deploy::ApiError& error) { return describe(error); }},
                    problem);
}

// Sets only what the template asks for: an unknown parameter is an error of CloudFormation's.
class Resolver {
 public:
  Resolver(const Session& session, deploy::Api& api, const ConvertedProject& converted)
      : session_(session), api_(api), converted_(converted) {}

  util::Result<void, Failure> operator()(const convert::BalancerFact& fact) {
    const auto found = deploy::find_balancer(api_, fact.reference, fact.type);
    if (!found) {
      return util::unexpected(describe_problem(found.error()));
    }
    session_.say("using load balancer " + fact.reference);
    set(fact.arn_parameter, found->arn);
    set(fact.group_parameter, found->group);
    set(fact.dns_parameter, found->dns_name);
    set(fact.zone_parameter, found->zone_id);
    vpc_of_balancer_ = found->vpc_id;
    return {};
  }

  util::Result<void, Failure> operator()(const convert::PlacementFact& fact) {
    if (!fact.vpc_id.empty() && !vpc_of_balancer_.empty() && fact.vpc_id != vpc_of_balancer_) {
      return util::unexpected(Failure{"the load balancer of `x-aws-loadbalancer` is in VPC " +
                                          vpc_of_balancer_ + ", not in " + fact.vpc_id,
                                      "leave `x-aws-vpc` out, or use a load balancer of that VPC"});
    }
    const bool with_balancer = has(convert::kBalancerSubnetsParameter);
    const auto placement =
        deploy::find_placement(api_,
                               {.vpc_id = fact.vpc_id.empty() ? vpc_of_balancer_ : fact.vpc_id,
                                .subnets = subnet_wish(fact.subnets.kind),
                                .subnet_ids = fact.subnets.ids,
                                .tag = fact.subnets.tag_key + "=" + fact.subnets.tag_value,
                                .with_balancer = with_balancer,
                                .internal_balancer = fact.internal_balancer});
    if (!placement) {
      return util::unexpected(describe_problem(placement.error()));
    }
    session_.say(placement->reason);
    set(convert::kVpcParameter, placement->vpc_id);
    set(convert::kSubnetsParameter, util::join(placement->subnet_ids, ","));
    set(convert::kBalancerSubnetsParameter, util::join(placement->balancer_subnet_ids, ","));
    set(convert::kPublicIpParameter, placement->public_ip ? "ENABLED" : "DISABLED");
    return {};
  }

  Parameters take() { return std::move(parameters_); }

 private:
  [[nodiscard]] bool has(std::string_view name) const {
    const std::vector<std::string>& names = converted_.parameters;
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  void set(std::string_view name, std::string value) {
    if (has(name)) {
      parameters_[std::string(name)] = std::move(value);
    }
  }

  const Session& session_;
  deploy::Api& api_;
  const ConvertedProject& converted_;
  Parameters parameters_;
  std::string vpc_of_balancer_;
};

}  // namespace

util::Result<Parameters, Failure> resolve_parameters(const Session& session,
                                                     deploy::Api& api,
                                                     const ConvertedProject& converted) {
  Resolver resolver(session, api, converted);
  for (const convert::FactRequest& request : convert::needed_facts(converted.project)) {
    if (auto resolved = std::visit(resolver, request); !resolved) {
      return util::unexpected(std::move(resolved.error()));
    }
  }
  return resolver.take();
}

}  // namespace cli
