internal import Dispatch
internal import FilClient
internal import Terminal

let doctorCommand = Command(
  "doctor", "REPLICA", summary: "cherche pourquoi les nouvelles n'arrivent pas, et dit quoi faire",
  options: [fromOption, jsonOption], example: "fil doctor gao.db"
) { (arguments) throws(Failure) in
  let signals = Signals()
  let path = arguments.operands[0]
  // A replica that cannot be opened is one of the findings.
  let known = (try? Replica(path: path).knownSources()) ?? []
  let addresses = arguments["from"]?.split(separator: ",").map(String.init) ?? known
  let doctor = Doctor(path: path, sources: addresses.map(SourceAddress.source))
  let cancellation = Cancellation()
  DispatchQueue.global().async { if signals.wait(seconds: 1 << 30) { cancellation.cancel() } }
  let isJSON = arguments.has("json")
  let findings = doctor.examine(cancellation: cancellation) { finding in
    if !isJSON { Output.line(finding.line) }
  }
  let isWell = findings.allSatisfy { $0.outcome == .good }
  if isJSON {
    Output.line(JSON(findings.map(JSON.init)).text)
  } else if addresses.isEmpty {
    Output.line("Aucune source n'est connue : donnez --from pour que les sources soient examinées.")
  } else if isWell {
    Output.line("Tout va bien : fil sync \(path)")
  }
  return findings.contains { $0.outcome == .bad } ? .failed : .done
}

extension JSON {
  fileprivate init(_ finding: Doctor.Finding) {
    self = [
      "check": .string(finding.check.rawValue), "outcome": .string(finding.outcome.rawValue),
      "source": JSON(finding.source), "number": JSON(finding.number),
      "detail": .string(finding.detail), "message": .string(finding.message),
    ]
  }
}

extension Doctor.Finding {
  fileprivate var line: String {
    let mark =
      switch outcome {
      case .good: "bien      "
      case .warning: "attention "
      case .bad: "PROBLÈME  "
      }
    return mark + (source.map { "\($0) : " } ?? "") + message
  }

  /// What was found and, where it is not good, what to do about it.
  fileprivate var message: String {
    let isGood = outcome == .good
    let why = detail.isEmpty ? "" : " (\(detail))"
    switch check {
    case .permissions:
      return isGood
        ? "vous pouvez écrire la réplique"
        : "vous ne pouvez pas écrire \(detail) ou son dossier : lancez fil avec le compte à qui ils sont, ou rendez-les-lui (chown)"
    case .disk:
      let free = "\((number ?? 0) / 1_000_000) Mo libres sur le disque"
      return isGood ? free : "\(free) : faites de la place avant la prochaine synchronisation"
    case .replica:
      return isGood
        ? "la réplique s'ouvre (version \(number ?? 0))"
        : "la réplique ne s'ouvre pas\(why) : si le fichier est abîmé, mettez-le de côté et refaites fil sync avec --from et --key"
    case .fork:
      return "deux versions signées se contredisent : prévenez la rédaction, et ne changez rien"
    case .budget:
      return isGood
        ? "il reste \(number ?? 0) octets du budget"
        : "le budget est épuisé : fil budget dit lequel, du jour ou des 30 jours ; attendez, ou élargissez-le"
    case .route:
      return isGood
        ? "cette machine a une route vers l'extérieur"
        : "cette machine n'a pas de route vers l'extérieur : allumez les données mobiles ou le Wi-Fi, ou branchez le câble"
    default: return sourceMessage(isGood, why)
    }
  }

  private func sourceMessage(_ isGood: Bool, _ why: String) -> String {
    switch check {
    case .name:
      return
        "ce nom n'a pas d'adresse\(why) : vérifiez comment il s'écrit ; s'il est juste, le DNS de l'opérateur ne répond pas : essayez plus tard ou une autre ligne"
    case .connection:
      return isGood
        ? "répond"
        : "personne ne répond à cette adresse\(why) : la source est arrêtée, le port est faux, ou la ligne ne passe pas"
    case .tls:
      return
        "la connexion chiffrée est refusée\(why) : si l'horloge de cette machine est fausse, mettez-la à l'heure ; sinon le certificat n'est pas celui de la source"
    case .silence:
      return
        "la connexion se fait, puis rien ne vient\(why) : la ligne perd tout, ou la source est bloquée ; essayez plus tard, une autre ligne ou une autre source"
    case .portal:
      return isGood
        ? "c'est bien elle qui répond"
        : "un portail ou un proxy répond à sa place\(why) : ouvrez un navigateur et identifiez-vous, ou changez de ligne"
    case .answer:
      if let number, (500...599).contains(number) {
        return "est en panne (HTTP \(number)) : essayez plus tard, ou une autre source"
      }
      return isGood
        ? "parle le protocole du fil"
        : "ne donne pas de point de contrôle\(number.map { " (HTTP \($0))" } ?? why) : vérifiez l'adresse, sans rien après le nom du site si vous ne savez pas"
    case .signature:
      return isGood
        ? "la signature est celle de la rédaction"
        : "la signature n'est pas celle de la rédaction\(why) : n'utilisez pas cette source ; vérifiez la clé auprès de la rédaction"
    case .freshness:
      return isGood
        ? "n'est pas en retard"
        : "a \(number ?? 0) versions de retard sur ce que vous avez : prenez une autre source, ou attendez qu'elle se rattrape"
    case .clock: return clockMessage(isGood)
    case .age:
      let age = "dernière signature il y a \(Self.duration(number ?? 0))"
      return isGood
        ? age
        : "\(age) : la rédaction ne signe plus, ou cette source ne la suit plus ; essayez-en une autre"
    case .largeAnswers:
      return switch outcome {
      case .good: "les grandes réponses passent"
      case .warning where number != nil:
        "les grands paquets se perdent, les petits passent : fil s'en contente de lui-même ; pour tout le reste : ip link set dev INTERFACE mtu 1280"
      case .warning:
        "la grande réponse a été coupée\(why) : la ligne est mauvaise ; fil sync reprendra où elle cesse"
      case .bad:
        "les petites réponses passent, les grandes jamais : ip link set dev INTERFACE mtu 1280 (compte root), ou une autre ligne"
      }
    default: return why
    }
  }

  private func clockMessage(_ isGood: Bool) -> String {
    guard !isGood, let number else { return "l'horloge de cette machine est juste" }
    let way = number < 0 ? "retarde" : "avance"
    return
      "l'horloge de cette machine \(way) de \(Self.duration(abs(number))) : mettez-la à l'heure (timedatectl set-time) ; la synchronisation marche quand même"
  }

  private static func duration(_ seconds: Int) -> String {
    seconds < 7_200
      ? "\(seconds / 60) min"
      : seconds < 172_800 ? "\(seconds / 3_600) h" : "\(seconds / 86_400) jours"
  }
}
