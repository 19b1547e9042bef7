# Policies, made of configs/permissions.yaml.

locals {
  permissions_file = coalesce(var.permissions_file, "${path.module}/../../../../configs/permissions.yaml")
  permissions      = yamldecode(file(local.permissions_file))

  # Role -> all its grants, whether of a service or of `also`.
  grants = {
    for role, services in local.permissions : role => flatten([
      for service, listed in services : try(listed.grants, listed)
    ])
  }

  # Role -> what its grants allow. A grant whose setting is not in use is left out, and so is one on what does not exist
  # here.
  allowances = {
    for role, grants in local.grants : role => [
      for grant in grants : {
        actions = grant.actions
        place   = jsonencode([sort(distinct(grant.resources)), try(grant.condition, null)])
        where = merge(
          { Resource = sort(distinct(flatten([for name in grant.resources : local.resources[name]]))) },
          { for Condition in ["Condition"] : Condition => {
            for operator, keys in grant.condition : operator => {
              for key, values in keys : key => flatten([
                for value in flatten([values]) : contains(keys(local.lists), value) ? local.lists[value] : [
                  replace(replace(replace(value,
                    "<prefix>", local.words["<prefix>"]),
                    "<region>", local.words["<region>"]),
                  "<metric_namespace>", local.words["<metric_namespace>"])
                ]
              ])
            }
            } if can(grant.condition)
          }
        )
      }
      if contains(concat(tolist(local.settings_in_use), [""]), try(grant.only_with, ""))
      && length(flatten([for name in grant.resources : local.resources[name]])) > 0
    ]
  }

  # Role -> statements: one for all that is allowed in the same place, as AWS counts the characters.
  statements = {
    for role, allowances in local.allowances : role => [
      for there in values({ for allowance in allowances : allowance.place => allowance... }) : merge(
        { Effect = "Allow", Action = sort(distinct(flatten(there[*].actions))) },
        there[0].where,
      )
    ]
  }

  policies = {
    for role, statements in local.statements : role => jsonencode({
      Version   = "2012-10-17"
      Statement = statements
    })
  }

  # Actions that an operation needs and no grant of its service gives: the list contradicts itself.
  not_granted = flatten([
    for role, services in local.permissions : [
      for service, listed in services : [
        for operation, action in listed.operations : "${role}: ${operation} needs ${action}"
        if !contains(flatten([for grant in listed.grants : grant.actions]), action)
      ] if service != "also"
    ]
  ])
}
