#include "awsapi/shape.hpp"

#include <map>
#include <mutex>

#include "awsapi/acm.hpp"
#include "awsapi/cloudformation.hpp"
#include "awsapi/codec-impl.hpp"
#include "awsapi/ec2.hpp"
#include "awsapi/ecs.hpp"
#include "awsapi/efs.hpp"
#include "awsapi/elbv2.hpp"
#include "awsapi/iam.hpp"
#include "awsapi/logs.hpp"
#include "awsapi/s3.hpp"
#include "awsapi/secretsmanager.hpp"
#include "awsapi/servicediscovery.hpp"
#include "awsapi/ssm.hpp"
#include "awsapi/sts.hpp"

namespace awsapi {
namespace {

// Interned composite types; std::map keeps addresses stable.
const Type& interned(Kind kind, const Type* element) {
  static std::mutex mutex;
  static std::map<std::pair<Kind, const Type*>, Type> types;
  const std::lock_guard lock(mutex);
  return types.try_emplace({kind, element}, Type{kind, nullptr, element}).first->second;
}

}  // namespace

const Type& scalar_type(Kind kind) {
  return interned(kind, nullptr);
}

const Type& list_type(const Type* element) {
  return interned(Kind::list, element);
}

const Type& map_type(const Type* value) {
  return interned(Kind::map, value);
}

const Member* Shape::find(std::string_view member) const {
  for (const Member& m : members) {
    if (m.name == member) {
      return &m;
    }
  }
  return nullptr;
}

const Operation* Service::find(std::string_view operation) const {
  for (const Operation& o : operations) {
    if (o.name == operation) {
      return &o;
    }
  }
  return nullptr;
}

std::span<const Service* const> all_services() {
  static const Service* const services[] = {&acm::service(),
                                            &cloudformation::service(),
                                            &ec2::service(),
                                            &ecs::service(),
                                            &efs::service(),
                                            &elbv2::service(),
                                            &iam::service(),
                                            &logs::service(),
                                            &s3::service(),
                                            &secretsmanager::service(),
                                            &servicediscovery::service(),
                                            &ssm::service(),
                                            &sts::service()};
  return services;
}

}  // namespace awsapi
